package org.halfulp.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import me.tongfei.progressbar.ProgressBar;
import org.halfulp.input.InputException;
import org.halfulp.kernel.ArrayQuantizer;
import org.halfulp.kernel.Decoder;
import org.halfulp.kernel.Streams;
import org.halfulp.number.Format;
import org.halfulp.number.FormatName;
import org.halfulp.number.NanException;
import org.halfulp.number.Quantizer;
import org.halfulp.sim.ToolException;
import org.halfulp.tensor.BinaryReader;
import org.halfulp.tensor.BinaryWriter;
import org.halfulp.tensor.CsvReader;
import org.halfulp.tensor.CsvWriter;
import org.halfulp.tensor.ElementType;
import org.halfulp.tensor.PackedWriter;
import org.halfulp.tensor.TensorReader;
import org.halfulp.tensor.TensorWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code halfulp quantize}: whole files of numbers, larger than memory if need be. */
@Command(
    name = "quantize",
    description = {
      "Round every number of a file to a format, once and correctly.",
      "",
      "Files are .npy arrays, .csv tables, or raw numbers by any other name (--type). They are read"
          + " and written as streams; the output gets its name when it is whole."
    },
    footer = {
      "",
      "Types: f2 bf2 f4 f8 i1 i2 i4 u1 u2 u4 u8, as NumPy has them (bf2 is bf16, raw",
      "files only); < or > before one is its byte order, little where none is said.",
      "Values are written in the input's type if it is a float, else in f4 or f8, and",
      "always exactly: a type that cannot hold every value of the format is refused.",
      "Packed, code i of W bits takes the bits from i*W on, each byte's low end first:",
      "of two E2M1 codes in a byte the first one is low. Zeros fill the last byte.",
      "A cell of a table is read as binary64 first, as NumPy does.",
      "sr draws for each element in the file's order, lane after lane, from the",
      "generator that the RTL has (quantizer 0 of --seed).",
      "",
      "Exit: 0 written; 2 bad input, nothing written; 3 the output broke off. Then",
      "a file that OUT was before is as it was.",
      "",
      "Examples:",
      "  halfulp quantize --to e4m3fn --rounding rne in.npy out.npy",
      "  halfulp quantize --to q4.4 --codes in.npy codes.npy",
      "  halfulp quantize --from q4.4 --to float32 codes.npy back.npy",
      "  halfulp quantize --to bf16 --rounding sr --random-bits 8 --type \">f4\" a.raw b.raw",
    })
final class QuantizeCommand implements Callable<Integer> {
  private static final int CHUNK = 1 << 16;
  private static final double DECIBEL = 10;

  @ParentCommand private Main main;

  @Parameters(index = "0", paramLabel = "IN", description = "The numbers; - is standard input.")
  private String in;

  @Parameters(index = "1", paramLabel = "OUT", description = "The file to write; may be IN.")
  private String out;

  @Option(names = "--to", paramLabel = "F", required = true, description = "The format.")
  private String toName;

  @Option(
      names = "--from",
      paramLabel = "F",
      description = "IN has codes of this format, in an unsigned type.")
  private String fromName;

  @Mixin private RoundingOptions rounding;
  @Mixin private ResultOptions result;

  @Option(
      names = "--codes",
      description = "Write codes (u1 u2 u4 or u8, in a table 0x hexadecimal), not values.")
  private boolean codes;

  @Option(
      names = "--packed",
      description = "With --codes into a raw OUT: codes of up to 8 bits side by side.")
  private boolean packed;

  @Option(names = "--type", paramLabel = "T", description = "What a raw IN has.")
  private String typeName;

  @Option(names = "--out-type", paramLabel = "T", description = "What OUT gets as values.")
  private String outTypeName;

  @Option(names = "--seed", paramLabel = "S", description = "Of the draws of sr. Default: 1.")
  private String seedText;

  @Option(names = "--lanes", paramLabel = "L", description = "Streams of draws. Default: 16.")
  private String lanesText;

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  @Option(names = "--quiet", description = "Print nothing.")
  private boolean quiet;

  private Quantizer quantizer;
  private Format from; // null: the input has values
  private Path target;

  /** What became of the numbers. */
  private static final class Counts {
    long elements;
    long changed;
    long toZero;
    long beyond;
    long nan;
    double signal; // sum of squares of the numbers that became finite ones
    double noise;
    double largest;
    long largestAt = -1;

    void add(double[] in, double[] out, int n, double max) {
      for (int i = 0; i < n; i++) {
        double x = in[i];
        double y = out[i];
        if (x != y) {
          count(x, y, elements + i, max);
        }
        double square = x * x;
        signal += square <= Double.MAX_VALUE && Math.abs(y) <= max ? square : 0;
      }
      elements += n;
    }

    private void count(double x, double y, long at, double max) {
      if (x != x) {
        nan++;
        return;
      }
      changed++;
      toZero += y == 0 ? 1 : 0;
      beyond += Math.abs(x) > max || Math.abs(y) > max || y != y ? 1 : 0;
      double e = Math.abs(y - x);
      if (e <= Double.MAX_VALUE) {
        noise += e * e;
        if (e > largest) {
          largest = e;
          largestAt = at;
        }
      }
    }

    double decibels() {
      return DECIBEL * Math.log10(signal / noise);
    }
  }

  @Override
  public Integer call() throws IOException {
    FormatName to = FormatName.parse(toName);
    quantizer = rounding.quantizer(to, result.switched(to.format()), result.nanToZero());
    from = fromName == null ? null : FormatName.parse(fromName).format();
    for (Format f :
        from == null ? List.of(quantizer.format()) : List.of(quantizer.format(), from)) {
      if (!Decoder.isExact(f)) {
        throw new InputException(
            "%s has values that are no binary64; fixed formats go to 53 bits here".formatted(f));
      }
    }
    if (out.equals("-")) {
      throw new InputException(
          "OUT is a file; for raw numbers into a pipe it is /dev/stdout, with --quiet");
    }
    target = path(out);
    if (!quantizer.draws() && (seedText != null || lanesText != null)) {
      throw new InputException("--seed and --lanes go with --rounding sr");
    }
    long start = System.nanoTime();
    Counts counts = new Counts();
    ElementType written;
    try (TensorReader reader = reader()) {
      if (from != null && reader.type() != ElementType.FLOAT64 && !reader.type().isUnsigned()) {
        throw new InputException(
            "%s: codes of %s are unsigned integers, and it has %s"
                .formatted(in, from.name(), reader.type().code()));
      }
      written = outType(reader);
      try (TensorWriter writer = writer(reader, written);
          ProgressBar bar = Progress.bar("quantize", reader.elements(), " M", 1_000_000)) {
        run(reader, writer, counts, bar);
      }
    }
    if (!quiet) {
      report(counts, written, (System.nanoTime() - start) * 1e-9);
    }
    return Main.GOOD;
  }

  private static Path path(String file) {
    try {
      return Path.of(file);
    } catch (InvalidPathException e) {
      throw new InputException("'%s' is not a file name".formatted(file));
    }
  }

  private static boolean is(String file, String end) {
    return file.toLowerCase(Locale.ROOT).endsWith(end);
  }

  private static ElementType type(String option, String text) {
    return ElementType.parse(option, text.matches("[<>].*") ? text.substring(1) : text);
  }

  private static ByteOrder order(String text) {
    return text.startsWith(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
  }

  private TensorReader reader() throws IOException {
    boolean text = is(in, ".csv") || in.equals("-") && typeName == null;
    if (typeName != null && (text || is(in, ".npy"))) {
      throw new InputException(
          "--type is for raw files, and %s says itself what it has".formatted(in));
    }
    if (!text && !is(in, ".npy") && typeName == null) {
      throw new InputException(
          in + " is neither .npy nor .csv: say by --type what its numbers are, for instance f4");
    }
    ElementType type = typeName == null ? null : type("--type", typeName);
    InputStream stream = in.equals("-") ? main.in() : EvalCommand.open(in);
    try {
      if (text) {
        return new CsvReader(in, stream);
      }
      if (type == null) {
        return BinaryReader.npy(in, stream);
      }
      long bytes = !in.equals("-") && Files.isRegularFile(path(in)) ? Files.size(path(in)) : -1;
      return BinaryReader.raw(in, stream, type, order(typeName), bytes);
    } catch (IOException e) {
      stream.close();
      throw new InputException("cannot read %s: %s".formatted(in, e.getMessage()), e);
    } catch (RuntimeException e) {
      stream.close();
      throw e;
    }
  }

  private ElementType outType(TensorReader reader) {
    Format format = quantizer.format();
    if (codes) {
      if (outTypeName != null) {
        throw new InputException("--out-type is for values; the format decides the type of codes");
      }
      if (packed && (is(out, ".csv") || is(out, ".npy") || format.width() > 8)) {
        throw new InputException(
            "--packed is for raw files of codes of up to 8 bits, and %s"
                .formatted(
                    format.width() > 8
                        ? "%s has %d".formatted(format.name(), format.width())
                        : out + " is none"));
      }
      return ElementType.forCodes(format);
    }
    if (packed) {
      throw new InputException("--packed goes with --codes");
    }
    boolean text = is(out, ".csv");
    if (text && outTypeName != null) {
      throw new InputException("--out-type is not for a table, which has decimals");
    }
    if (outTypeName == null && (text || !reader.type().isFloat() || reader instanceof CsvReader)) {
      return !text && ElementType.FLOAT32.holds(format) ? ElementType.FLOAT32 : ElementType.FLOAT64;
    }
    ElementType type = outTypeName == null ? reader.type() : type("--out-type", outTypeName);
    if (!type.holds(format)) {
      throw new InputException(
          "%s does not hold every value of %s; use --out-type %s, or --codes"
              .formatted(
                  type.code(), format.name(), ElementType.FLOAT32.holds(format) ? "f4" : "f8"));
    }
    return type;
  }

  private TensorWriter writer(TensorReader reader, ElementType type) throws IOException {
    if (is(out, ".csv")) {
      if (reader.fortran() && reader.shape().size() > 1) {
        throw new InputException(
            in
                + ": its columns are contiguous (fortran_order), which a table cannot be written in");
      }
      List<String> names = reader instanceof CsvReader table ? table.names() : null;
      return new CsvWriter(target, reader.columns(), names, quantizer.format());
    }
    if (packed) {
      return new PackedWriter(target, quantizer.format().width());
    }
    ByteOrder order =
        outTypeName != null && !codes
            ? order(outTypeName)
            : reader instanceof BinaryReader b ? b.order() : ByteOrder.LITTLE_ENDIAN;
    return is(out, ".npy")
        ? BinaryWriter.npy(target, type, order, reader.fortran(), reader.shape())
        : BinaryWriter.raw(target, type, order);
  }

  private void run(TensorReader reader, TensorWriter writer, Counts counts, ProgressBar bar) {
    long seed =
        seedText == null
            ? 1
            : RoundingOptions.integer("--seed", seedText, Long.MIN_VALUE, Long.MAX_VALUE);
    int lanes =
        lanesText == null ? 16 : (int) RoundingOptions.integer("--lanes", lanesText, 1, 0xFFFF);
    Streams draws = new Streams(quantizer, seed, Streams.DATA, lanes);
    ArrayQuantizer kernel = new ArrayQuantizer(quantizer);
    Decoder decoder = codes ? Decoder.of(quantizer.format()) : null;
    double max = quantizer.format().toDouble(quantizer.format().maxFinite());
    double[] x = new double[CHUNK];
    double[] y = new double[CHUNK];
    long[] words = codes || from != null ? new long[CHUNK] : null;
    for (int n = next(reader, x, words, counts); n > 0; n = next(reader, x, words, counts)) {
      try {
        if (codes) {
          kernel.encode(x, 0, words, 0, n, draws);
          decoder.decode(words, 0, y, 0, n);
        } else {
          kernel.quantize(x, 0, y, 0, n, draws);
        }
      } catch (NanException e) {
        throw nan(x, n, counts.elements);
      }
      counts.add(x, y, n, max);
      try {
        if (codes) {
          writer.write(words, n);
        } else {
          writer.write(y, n);
        }
      } catch (IOException e) {
        throw broken(e, counts.elements - n);
      }
      if (bar != null) {
        bar.stepBy(n);
      }
    }
    try {
      writer.finish();
    } catch (IOException e) {
      throw broken(e, counts.elements);
    }
  }

  private ToolException broken(IOException e, long written) {
    String left =
        !Files.exists(target)
            ? "nothing is left under that name"
            : Files.isRegularFile(target)
                ? "the file that had that name is as it was"
                : "what went before is out";
    return new ToolException(
        "cannot write %s: %s (after %d elements; %s)"
            .formatted(out, e.getMessage(), written, left));
  }

  private InputException nan(double[] x, int n, long before) {
    int at = 0;
    while (at < n - 1 && x[at] == x[at]) {
      at++;
    }
    return new InputException(
        "%s: element %d (from 0) is %s, for which %s has no code; --nan zero gives the code 0"
            .formatted(in, before + at, x[at], quantizer.format().name()));
  }

  private int next(TensorReader reader, double[] x, long[] words, Counts counts) {
    try {
      if (from == null) {
        return reader.read(x);
      }
      int n = reader.read(words);
      for (int i = 0; i < n; i++) {
        if ((words[i] & ~from.mask()) != 0) {
          throw new InputException(
              "%s: element %d (from 0) is 0x%x, which does not fit %s of %d bits"
                  .formatted(in, counts.elements + i, words[i], from.name(), from.width()));
        }
      }
      Decoder.of(from).decode(words, 0, x, 0, n);
      return n;
    } catch (IOException e) {
      throw new InputException("cannot read %s: %s".formatted(in, e.getMessage()), e);
    }
  }

  private void report(Counts c, ElementType written, double seconds) {
    var text = main.text();
    if (json) {
      Json.print(
          text,
          j -> {
            j.writeStartObject();
            j.writeStringField("in", in);
            j.writeStringField("out", out);
            j.writeStringField("quantizer", quantizer.toString());
            j.writeStringField("written", codes ? "codes" : "values");
            j.writeStringField(
                "type", is(out, ".csv") ? "text" : packed ? "packed" : written.code());
            j.writeNumberField("elements", c.elements);
            j.writeNumberField("changed", c.changed);
            j.writeNumberField("to_zero", c.toZero);
            j.writeNumberField("beyond_range", c.beyond);
            j.writeNumberField("nan", c.nan);
            j.writeNumberField("largest_error", c.largest);
            j.writeNumberField("largest_error_at", c.largestAt);
            if (c.noise > 0 && c.signal > 0) {
              j.writeNumberField("sqnr_db", c.decibels());
            } else {
              j.writeNullField("sqnr_db");
            }
            j.writeNumberField("seconds", seconds);
            j.writeEndObject();
          });
      return;
    }
    text.printf(
        "%s: %,d elements to %s, %s%n",
        out,
        c.elements,
        quantizer,
        codes
            ? packed ? "packed codes" : "codes"
            : "values" + (is(out, ".csv") ? "" : " in " + written.code()));
    text.printf(
        "  changed    %,d; %,d to zero, %,d beyond the range; %,d NaN%n",
        c.changed, c.toZero, c.beyond, c.nan);
    if (c.noise > 0 && c.signal > 0) {
      text.printf(
          "  error      largest %.6g at element %,d (from 0); signal to noise %.2f dB%n",
          c.largest, c.largestAt, c.decibels());
    }
    text.printf(
        "  time       %.2f s, %.1f M elements a second%n", seconds, c.elements * 1e-6 / seconds);
  }
}
