package org.halfulp.input;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.halfulp.kernel.Accumulator;
import org.halfulp.kernel.Accumulator.Order;
import org.halfulp.kernel.Decoder;
import org.halfulp.kernel.Momentum;
import org.halfulp.kernel.UpdateUnit;
import org.halfulp.learn.Datapath;
import org.halfulp.learn.Training;
import org.halfulp.learn.TrainingStep;
import org.halfulp.number.FixedFormat;
import org.halfulp.number.Flags;
import org.halfulp.number.Format;
import org.halfulp.number.FormatName;
import org.halfulp.number.OverflowRule;
import org.halfulp.number.Quantizer;
import org.halfulp.number.RandomBits;
import org.halfulp.number.Real;
import org.halfulp.number.Rounded;
import org.halfulp.number.RoundingMode;
import org.snakeyaml.engine.v2.nodes.Node;

/** Reads a {@link Description} from YAML; every complaint names file, line and the choices. */
public final class DescriptionReader {
  private static final String FORMAT =
      "a format (see 'halfulp formats'), for instance e4m3fn, bf16, e5m7:ieee or q2.10";
  private static final String[] QUANTIZER = {"format", "rounding", "overflow", "random_bits"};

  private static final int MOST_FEATURES = 1 << 16;
  private static final int MOST_ROWS = 100_000_000;
  private static final double LARGEST_DECAY = 20;
  private static final String SPECTRUM =
      "i^-a for the eigenvalues 1, 2^-a, 3^-a ... with a in [0, 20], or a list of them";

  private static final int LONGEST = 1 << 18; // the parser is quadratic

  private final YamlMap root;
  private final Path folder;
  private final Consumer<UpdateUnit> rtl; // null: nothing is simulated
  private boolean nanToZero;

  private DescriptionReader(YamlMap root, Path folder, Consumer<UpdateUnit> rtl) {
    this.rtl = rtl;
    this.root = root;
    this.folder = folder;
  }

  /** Reads a description that nobody means to simulate. */
  public static Description read(Path file) {
    return read(file, null);
  }

  /**
   * Reads a description.
   *
   * @param rtl complains about an update unit that the RTL cannot express; null where none is meant
   *     to be simulated
   */
  public static Description read(Path file, Consumer<UpdateUnit> rtl) {
    String text;
    try {
      if (Files.isDirectory(file)) {
        throw new InputException(file + ": is a folder; give the description's .yaml file");
      }
      text = text(file);
    } catch (NoSuchFileException e) {
      throw new InputException(file + ": no such file");
    } catch (CharacterCodingException e) {
      throw new InputException(file + ": not UTF-8 text");
    } catch (IOException e) {
      throw new InputException(file + ": cannot be read: " + e.getMessage());
    }
    Path folder = file.toAbsolutePath().getParent();
    return parse(file.toString(), text, folder, rtl);
  }

  static String text(Path file) throws IOException {
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(LONGEST + 1);
    }
    if (bytes.length > LONGEST) {
      throw new InputException(file + ": a description has at most 256 KiB");
    }
    return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
  }

  /**
   * @param file its name, for messages
   * @param folder what relative paths in it start from
   */
  static Description parse(String file, String text, Path folder) {
    return parse(file, text, folder, null);
  }

  private static Description parse(
      String file, String text, Path folder, Consumer<UpdateUnit> rtl) {
    YamlMap root = YamlMap.parse(file, text, "name", "data", "training", "datapath");
    return new DescriptionReader(root, folder, rtl).description();
  }

  /** From nodes, perhaps of several files; nobody means to simulate it. */
  static Description of(String file, Node root, Path folder) {
    YamlMap map = YamlMap.of(file, root, "name", "data", "training", "datapath");
    return new DescriptionReader(map, folder, null).description();
  }

  private Description description() {
    String name = root.text("name", "a word of letters, digits, - and _");
    if (!name.matches("[A-Za-z0-9_-]{1,64}")) {
      throw root.error("name", "must be 1 to 64 letters, digits, - or _, got '%s'".formatted(name));
    }
    Description.Data data = data();
    YamlMap training =
        root.map("training", "step_size", "batch", "epochs", "shuffle_seed", "average_from");
    Training.Plan plan = plan(training);
    Datapath datapath = datapath();
    if (datapath.weight().isPresent()) {
      training.build(
          "step_size", () -> TrainingStep.stepCode(datapath, plan.stepSize(), plan.batch()));
    }
    return new Description(name, data, plan, datapath);
  }

  private Description.Data data() {
    YamlMap data =
        root.map(
            "data",
            "file",
            "target",
            "drop",
            "gaussian",
            "standardize",
            "test_fraction",
            "seed",
            "input");
    double testFraction = data.real("test_fraction", "a number in [0, 1)", 0.2);
    if (!(testFraction >= 0 && testFraction < 1)) {
      throw data.error("test_fraction", "must be a number in [0, 1), got " + testFraction);
    }
    boolean drawn = data.has("gaussian");
    return new Description.Data(
        drawn ? gaussian(data) : csv(data),
        data.bool("standardize", !drawn),
        testFraction,
        data.integer("seed", Long.MIN_VALUE, Long.MAX_VALUE, 1L),
        input(data));
  }

  private Description.Csv csv(YamlMap data) {
    return new Description.Csv(
        data.parsed("file", "the path of a CSV file, or 'gaussian' in its place", this::path),
        data.parsed("target", "the name of the label's column", DescriptionReader::named),
        data.words("drop"));
  }

  private static Description.Gaussian gaussian(YamlMap data) {
    for (String key : List.of("file", "target", "drop")) {
      if (data.has(key)) {
        throw data.error(key, "must not be beside 'gaussian', whose rows are drawn");
      }
    }
    YamlMap map = data.map("gaussian", "features", "rows", "spectrum", "weights", "noise", "seed");
    int features = (int) map.integer("features", 1, MOST_FEATURES, null);
    int rows = (int) map.integer("rows", 2, MOST_ROWS, null);
    double decay = 0;
    List<Double> spectrum = List.of();
    if (map.isList("spectrum")) {
      spectrum = numbers(map, "spectrum", features, false);
    } else {
      decay = map.parsed("spectrum", SPECTRUM, DescriptionReader::decay);
    }
    List<Double> weights =
        !map.has("weights")
            ? List.of(1.0)
            : map.isList("weights")
                ? numbers(map, "weights", features, true)
                : List.of(map.real("weights", "a number, or a list of one for each feature", null));
    Description.Gaussian source =
        new Description.Gaussian(
            features,
            rows,
            decay,
            spectrum,
            weights,
            map.real("noise", "the variance of the labels' noise, at least 0", 1.0),
            map.integer("seed", Long.MIN_VALUE, Long.MAX_VALUE, 1L));
    map.build(null, source::problem);
    return source;
  }

  private static double decay(String text) {
    try {
      if (text.startsWith("i^-") && text.length() < 30) {
        double decay = Double.parseDouble(text.substring(3));
        if (decay >= 0 && decay <= LARGEST_DECAY) {
          return decay;
        }
      }
    } catch (NumberFormatException e) {
      // falls through to the one message
    }
    throw new IllegalArgumentException(
        "must be %s, got '%s'".formatted(SPECTRUM, YamlMap.shortened(text)));
  }

  private static List<Double> numbers(YamlMap map, String key, int features, boolean any) {
    List<Double> numbers = map.reals(key, any ? "numbers" : "positive numbers");
    if (numbers.size() != features) {
      throw map.error(
          key,
          "must have a number for each of the %d features, got %d"
              .formatted(features, numbers.size()));
    }
    return numbers;
  }

  private static Optional<Format> input(YamlMap data) {
    if (data.isNone("input")) {
      return Optional.empty();
    }
    Format format =
        data.parsed("input", "none or " + FORMAT, text -> FormatName.parse(text).format());
    if (!Decoder.isExact(format) || format.width() > 32) {
      throw data.error("input", "must be a format of at most 32 bits, got " + format.name());
    }
    return Optional.of(format);
  }

  private Path path(String text) {
    if (text.isEmpty() || text.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("must be the path of a CSV file, got '" + text + "'");
    }
    return folder.resolve(text).normalize();
  }

  private static String named(String text) {
    if (text.isEmpty()) {
      throw new IllegalArgumentException("must be the name of the label's column, got ''");
    }
    return text;
  }

  private Training.Plan plan(YamlMap training) {
    double eta = training.real("step_size", "a positive number or a power 2^k", null);
    int batch = (int) training.integer("batch", 1, 1 << 20, 1L);
    int epochs = (int) training.integer("epochs", 1, 1_000_000, null);
    long shuffle = training.integer("shuffle_seed", Long.MIN_VALUE, Long.MAX_VALUE, 1L);
    int averageFrom = (int) training.integer("average_from", 1, epochs, 1L + epochs / 2);
    return training.build(
        "step_size", () -> new Training.Plan(eta, batch, epochs, shuffle, averageFrom));
  }

  private Datapath datapath() {
    YamlMap datapath =
        root.map("datapath", "seed", "lanes", "nan", "quantizers", "accumulators", "update");
    String nan = datapath.text("nan", "error or zero", "error");
    if (!nan.equals("error") && !nan.equals("zero")) {
      throw datapath.error("nan", "must be error or zero, got '" + nan + "'");
    }
    nanToZero = nan.equals("zero");
    long seed = datapath.integer("seed", Long.MIN_VALUE, Long.MAX_VALUE, 1L);
    int lanes = (int) datapath.integer("lanes", 1, 64, 4L);
    YamlMap quantizers =
        datapath.mapOrEmpty(
            "quantizers", "data", "parameter", "activation", "label", "residual", "gradient");
    YamlMap accumulators = datapath.mapOrEmpty("accumulators", "forward", "backward");
    YamlMap update = datapath.mapOrEmpty("update", "weight", "product", "step_format", "momentum");
    Optional<Quantizer> weight = quantizer(update, "weight");
    if (weight.isEmpty() && (!update.isNone("product") || update.has("step_format"))) {
      throw update.error("weight", "must be given where the update has a product or a step format");
    }
    if (weight.isEmpty() && !update.isNone("momentum")) {
      throw update.error("weight", "must be given where the update has momentum");
    }
    FixedFormat step =
        weight.isEmpty() && !update.has("step_format")
            ? new FixedFormat(false, 16, 16)
            : factorFormat(update, "step_format");
    Optional<Momentum> momentum =
        update.isNone("momentum") ? Optional.empty() : Optional.of(momentum(momentumMap(update)));
    long mu = momentum.isEmpty() ? 0 : factor(momentumMap(update), momentum.get().factor());
    Datapath made =
        datapath.build(
            null,
            () ->
                new Datapath(
                    quantizer(quantizers, "data"),
                    quantizer(quantizers, "parameter"),
                    quantizer(quantizers, "activation"),
                    quantizer(quantizers, "label"),
                    quantizer(quantizers, "residual"),
                    quantizer(quantizers, "gradient"),
                    accumulator(accumulators, "forward"),
                    accumulator(accumulators, "backward"),
                    weight,
                    weight.isEmpty() || isFused(update)
                        ? Optional.empty()
                        : quantizer(update, "product"),
                    step,
                    momentum,
                    mu,
                    lanes,
                    seed));
    if (rtl != null) {
      checkRtl(quantizers, update, made);
    }
    return made;
  }

  private void checkRtl(YamlMap quantizers, YamlMap update, Datapath datapath) {
    String otherwise = "; or run with --no-rtl";
    if (datapath.weight().isEmpty()) {
      throw update.error(
          "weight",
          "none, so there is no update unit to simulate; give it a format of 2 to 16 bits"
              + otherwise);
    }
    if (datapath.gradient().isEmpty()) {
      throw quantizers.error(
          "gradient",
          "none, but the RTL update unit takes a gradient format of 2 to 16 bits" + otherwise);
    }
    try {
      rtl.accept(datapath.updateUnit().orElseThrow());
    } catch (IllegalArgumentException e) {
      throw update.error("weight", e.getMessage() + otherwise);
    }
  }

  private static boolean isFused(YamlMap update) {
    return update.isNone("product")
        || !update.isMap("product")
            && update.text("product", "fused, none or a quantizer").equals("fused");
  }

  private static FixedFormat factorFormat(YamlMap map, String key) {
    Format format =
        map.parsed(
            key,
            "an unsigned fixed-point format of 1 to 16 bits, for instance uq0.8",
            text -> FormatName.parse(text).format());
    if (format instanceof FixedFormat fixed && !fixed.signed() && fixed.width() <= 16) {
      return fixed;
    }
    throw map.error(
        key,
        "must be an unsigned fixed-point format of 1 to 16 bits, for instance uq0.8, got "
            + format.name());
  }

  private static YamlMap momentumMap(YamlMap update) {
    return update.map("momentum", "velocity", "mu", "mu_format");
  }

  private Momentum momentum(YamlMap map) {
    Quantizer velocity =
        quantizer(map, "velocity")
            .orElseThrow(() -> map.error("velocity", "must be a quantizer, not none"));
    return new Momentum(velocity, factorFormat(map, "mu_format"));
  }

  /** mu rounded to its format, ties to even. */
  private static long factor(YamlMap map, FixedFormat format) {
    double mu = map.real("mu", "a number such as 0.9", null);
    Rounded rounded = new Quantizer(format, RoundingMode.RNE).round(Real.of(mu), 0);
    if (!Double.isFinite(mu) || mu < 0 || (rounded.flags() & Flags.OVERFLOW) != 0) {
      throw map.error(
          "mu",
          "must be a number in [0, %s], the range of mu_format %s; got %s"
              .formatted(format.toDouble(format.maxFinite()), format.name(), mu));
    }
    return rounded.code();
  }

  private Accumulator accumulator(YamlMap accumulators, String key) {
    if (accumulators.isNone(key)) {
      return Accumulator.exact();
    }
    YamlMap map =
        accumulators.map(
            key, "order", "fan_in", "format", "rounding", "overflow", "random_bits", "product");
    String word = map.text("order", "exact, sequential or tree", "exact");
    Order order =
        switch (word) {
          case "exact" -> Order.EXACT;
          case "sequential" -> Order.SEQUENTIAL;
          case "tree" -> Order.TREE;
          default ->
              throw map.error("order", "must be exact, sequential or tree, got '" + word + "'");
        };
    int fanIn = 0;
    if (order == Order.TREE) {
      fanIn = (int) map.integer("fan_in", 2, 1024, 2L);
    } else if (map.has("fan_in")) {
      throw map.error("fan_in", "only order tree has a fan-in, the order is " + word);
    }
    Optional<Quantizer> sum = map.isNone("format") ? Optional.empty() : Optional.of(quantizer(map));
    if (sum.isEmpty()) {
      for (String orphan : new String[] {"rounding", "overflow", "random_bits"}) {
        if (map.has(orphan)) {
          throw map.error(orphan, "needs a format beside it");
        }
      }
    }
    return new Accumulator(order, fanIn, sum, quantizer(map, "product"));
  }

  /** A quantizer under {@code key}: {@code none}, a format's name (rne), or a mapping. */
  private Optional<Quantizer> quantizer(YamlMap parent, String key) {
    if (parent.isNone(key)) {
      return Optional.empty();
    }
    if (!parent.isMap(key)) {
      FormatName name = parent.parsed(key, "none, " + FORMAT + ", or a mapping", FormatName::parse);
      return Optional.of(
          parent.build(
              key,
              () ->
                  new Quantizer(
                      name.format(),
                      name.rounding().orElse(RoundingMode.RNE),
                      name.overflow().orElse(OverflowRule.defaultFor(name.format())),
                      0,
                      nanToZero)));
    }
    return Optional.of(quantizer(parent.map(key, QUANTIZER)));
  }

  private Quantizer quantizer(YamlMap map) {
    FormatName name = map.parsed("format", FORMAT, FormatName::parse);
    RoundingMode rounding =
        map.has("rounding")
            ? map.parsed("rounding", "a rounding mode", RoundingMode::parse)
            : name.rounding().orElse(RoundingMode.RNE);
    OverflowRule overflow =
        map.has("overflow")
            ? map.parsed("overflow", "an overflow rule", OverflowRule::parse)
            : name.overflow().orElse(OverflowRule.defaultFor(name.format()));
    int bits = 0;
    if (rounding == RoundingMode.SR) {
      bits = (int) map.integer("random_bits", 1, RandomBits.MAX_BITS, null);
    } else if (map.has("random_bits")) {
      throw map.error("random_bits", "only rounding sr draws random bits, it is " + rounding);
    }
    int n = bits;
    return map.build(
        rounding.fixedOnly() && map.has("rounding")
            ? "rounding"
            : map.has("overflow") ? "overflow" : "format",
        () -> new Quantizer(name.format(), rounding, overflow, n, nanToZero));
  }
}
