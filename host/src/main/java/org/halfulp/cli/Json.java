package org.halfulp.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;

/** Writes one JSON document, indented, with a newline at its end. */
final class Json {
  private Json() {}

  /** What goes into the document. */
  interface Body {
    void write(JsonGenerator json) throws IOException;
  }

  static void print(PrintWriter out, Body body) {
    var indenter = new DefaultIndenter("  ", "\n");
    try (JsonGenerator json = new JsonFactory().createGenerator(out)) {
      json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
      json.setPrettyPrinter(
          new DefaultPrettyPrinter().withObjectIndenter(indenter).withArrayIndenter(indenter));
      body.write(json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    out.print('\n');
  }
}
