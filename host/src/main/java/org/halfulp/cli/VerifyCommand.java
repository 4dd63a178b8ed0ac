package org.halfulp.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import me.tongfei.progressbar.ProgressBar;
import org.halfulp.input.InputException;
import org.halfulp.sim.ModelCache;
import org.halfulp.sim.Stalls;
import org.halfulp.sim.VerilatedLibrary;
import org.halfulp.verify.Campaign;
import org.halfulp.verify.Catalogue;
import org.halfulp.verify.ElementwiseUnit;
import org.halfulp.verify.Failure;
import org.halfulp.verify.FailureReport;
import org.halfulp.verify.LoopRatio;
import org.halfulp.verify.OwnRtl;
import org.halfulp.verify.Replay;
import org.halfulp.verify.RtlSources;
import org.halfulp.verify.Shrinker;
import org.halfulp.verify.Unit;
import org.halfulp.verify.UnitFamily;
import org.halfulp.verify.UnitRequest;
import org.halfulp.verify.Waveform;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code halfulp verify}: the RTL of a unit beside the emulator. */
@Command(
    name = "verify",
    description = {
      "Compare the RTL of a unit with the emulator, every word and flag.",
      "",
      "Every input where that is at most --vectors, else operands by classes (zeros, subnormals,"
          + " edges of binades and of the range, ties, cancellations, specials, random); a bin of"
          + " operand classes and outcome that the emulator can reach and the run did not meet is"
          + " a failure."
    },
    footer = {
      "",
      "Units: fp_add fp_mul fp_fma fp_convert fp_to_fx fx_to_fp fx_add fx_mul fx_mac",
      "fx_requantize fp_round_pack fp_quantize_select random_bits sgd_update",
      "sgd_update_select polyak_average dq_compress xnor_dot sign_dot dot_product",
      "linear_step; all: each",
      "in a few formats and modes.",
      "",
      "Exit: 0 all words equal; 1 a word differs, none was compared, or a bin is",
      "empty that should not be; 2 bad usage; 3 a tool is missing or broke.",
      "",
      "Examples:",
      "  halfulp verify fp_add --format e4m3fn --rounding sr --random-bits 4",
      "  halfulp verify fp_mul --format bf16 --minutes 1 --stalls 20",
      "  halfulp verify fp_add --format fp16 --exhaustive --tie in_sub=0",
      "  halfulp verify all --junit verify.xml",
      "  testfloat_gen -tininessafter f16_add | halfulp verify fp_add --format fp16 --from -",
      "  halfulp verify --top my_mul --sources my_mul.v,adder.v --against mul \\",
      "      --format e4m3fn --map a=x,b=y,y=p --latency 3 --any-nan"
    })
final class VerifyCommand implements Callable<Integer> {
  private static final String ALL = "all";
  private static final long DEFAULT_VECTORS = 1 << 24;
  private static final long DEFAULT_VECTORS_ALL = 1 << 20;

  @ParentCommand Main main;

  @Mixin private OwnRtlOptions own;

  @Parameters(paramLabel = "UNIT", arity = "0..1", description = "A unit's name, or all.")
  private String unitName;

  @Mixin private UnitOptions unitOptions;

  @Option(names = "--exhaustive", description = "Every input, however many (up to 2^40).")
  private boolean exhaustive;

  @Option(
      names = "--vectors",
      paramLabel = "N",
      description = "Words to compare. Default: 2^24; all: 2^20 a unit.")
  private String vectors;

  @Option(names = "--minutes", paramLabel = "T", description = "Random words for T minutes.")
  private Double minutes;

  @Option(names = "--lanes", paramLabel = "L", description = "Lanes of the top. Default: 16.")
  private String lanes;

  @Option(
      names = "--stalls",
      paramLabel = "P",
      defaultValue = "0",
      description = "Percent of random stalls on both sides of the stream, 0 to 95.")
  private String stalls;

  @Option(names = "--seed", paramLabel = "S", defaultValue = "1", description = "Default: 1.")
  private String seed;

  @Option(names = "--threads", paramLabel = "N", description = "Default: one a processor.")
  private String threads;

  @Option(
      names = "--replay",
      paramLabel = "FILE",
      description = "Run a saved failure again, and nothing else.")
  private Path replay;

  @Option(
      names = "--from",
      paramLabel = "FILE",
      description =
          "Compare RTL and emulator with lines of operands, result and flags, as TestFloat writes"
              + " them; - for standard input.")
  private String from;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Folder for a failure. Default: runs/verify-UNIT-TIME.")
  private Path out;

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  @Option(names = "--junit", paramLabel = "FILE", description = "Also write JUnit XML.")
  private Path junit;

  @Override
  public Integer call() throws IOException {
    if (replay != null) {
      return replay();
    }
    Optional<OwnRtl> rtl = own.rtl();
    if (rtl.isPresent() && unitName != null) {
      throw new InputException("give a unit or --top, not both; --against says the operation");
    }
    if (unitName == null && rtl.isEmpty()) {
      throw new InputException(
          "a unit is needed: "
              + String.join(" ", Catalogue.all().stream().map(UnitFamily::top).toList())
              + ", or all; or --top with a top of your own");
    }
    if (exhaustive && (vectors != null || minutes != null) || vectors != null && minutes != null) {
      throw new InputException("--exhaustive, --vectors and --minutes exclude each other");
    }
    if (minutes != null && !(minutes > 0 && minutes <= 1e5)) {
      throw new InputException("--minutes must be in (0, 100000], got " + minutes);
    }
    if (from != null) {
      return vectors();
    }
    boolean all = ALL.equals(unitName);
    List<VerifyReport.Row> rows = new ArrayList<>();
    ModelCache cache = ModelCache.open();
    if (all) {
      runAll(cache, rows);
    } else if (rtl.isPresent()) {
      rows.add(runOwn(cache, rtl.get()));
    } else {
      UnitFamily family = Catalogue.of(unitName);
      rows.add(run(cache, family.unit(request()), Optional.empty(), request(), true));
    }
    VerifyReport report = new VerifyReport(rows);
    if (junit != null) {
      report.junit(junit);
    }
    if (json) {
      report.json(main.text());
    } else {
      report.text(main.text(), all);
    }
    main.text().flush();
    report.complaints().forEach(main::say);
    return report.exit();
  }

  /** Lines that another program made. */
  private int vectors() throws IOException {
    if (own.rtl().isPresent() || ALL.equals(unitName)) {
      throw new InputException("--from needs one unit of ours");
    }
    if (exhaustive || vectors != null || minutes != null || json || junit != null) {
      throw new InputException(
          "--from has its own vectors and no report: leave out --exhaustive, --vectors, --minutes,"
              + " --json and --junit");
    }
    ElementwiseUnit unit = VectorFile.supported(Catalogue.of(unitName).unit(request()));
    Campaign.Options options = options(unit, true);
    ModelCache cache = ModelCache.open();
    boolean standard = from.equals("-");
    try (InputStream in = standard ? main.in() : EvalCommand.open(from)) {
      VerilatedLibrary library =
          cache.build(unit.build(sources(Optional.empty(), unit, cache), options.lanes()));
      String source = standard ? "standard input" : from;
      return VectorFile.run(unit, library, options, in, source, main);
    }
  }

  private void runAll(ModelCache cache, List<VerifyReport.Row> rows) {
    for (UnitFamily family : Catalogue.all()) {
      for (UnitRequest request : family.matrix()) {
        if (wanted(request)) {
          VerifyReport.Row row = run(cache, family.unit(request), Optional.empty(), request, false);
          rows.add(row);
          if (!json) {
            VerifyReport.line(main.text(), row, rows.size() == 1);
            main.text().flush();
          }
        }
      }
    }
    if (rows.isEmpty()) {
      throw new InputException("no unit of the list has that format and rounding");
    }
  }

  private VerifyReport.Row runOwn(ModelCache cache, OwnRtl rtl) {
    if (unitOptions.hasStages()) {
      throw new InputException(
          "--stages is of our units; --latency says what " + rtl.top() + " has");
    }
    int width = lanes == null ? 1 : integer("--lanes", lanes, 1, 1024);
    return run(cache, rtl.unit(request(), width, cache), Optional.of(rtl), request(), true);
  }

  /** Whether {@code all} was narrowed to other formats or modes. */
  private boolean wanted(UnitRequest request) {
    UnitRequest mine = request();
    return (mine.format().isEmpty() || mine.format().equals(request.format()))
        && (mine.to().isEmpty() || mine.to().equals(request.to()))
        && (!unitOptions.hasRounding()
            || mine.rounding().equals(request.rounding()) && mine.perBeat() == request.perBeat());
  }

  private UnitRequest request() {
    return unitOptions.request();
  }

  static int integer(String option, String text, int min, int max) {
    return (int) RoundingOptions.integer(option, text, min, max);
  }

  private Campaign.Options options(Unit unit, boolean single) {
    int percent = integer("--stalls", stalls, 0, 95);
    long start = RoundingOptions.integer("--seed", seed, Long.MIN_VALUE, Long.MAX_VALUE);
    Campaign.Options o =
        Campaign.Options.DEFAULT
            .lanes(lanes == null ? unit.lanes() : integer("--lanes", lanes, 1, 1024))
            .seed(start)
            .ties(own.ties())
            .stalls(percent == 0 ? Stalls.NONE : new Stalls(percent, percent, start))
            .threads(
                threads == null
                    ? Runtime.getRuntime().availableProcessors()
                    : integer("--threads", threads, 1, 256));
    if (!unit.allows(o.lanes())) {
      throw new InputException("%s cannot have %d lanes".formatted(unit.name(), o.lanes()));
    }
    if (minutes != null) {
      return o.vectors(Long.MAX_VALUE).seconds(minutes * 60);
    }
    if (exhaustive) {
      return o.exhaustively();
    }
    long count = single ? DEFAULT_VECTORS : DEFAULT_VECTORS_ALL;
    return o.vectors(
        vectors == null ? count : RoundingOptions.integer("--vectors", vectors, 1, 1L << 50));
  }

  private VerifyReport.Row run(
      ModelCache cache, Unit unit, Optional<OwnRtl> rtl, UnitRequest request, boolean single) {
    Campaign.Options options = options(unit, single);
    var stimuli =
        minutes == null ? Campaign.stimuli(unit, options) : Campaign.sampled(unit, options);
    List<Path> sources = sources(rtl, unit, cache);
    VerilatedLibrary library = cache.build(unit.build(sources, options.lanes()));
    Campaign.Devices devices = Campaign.models(unit, library, options);
    Campaign.Result result;
    long words = stimuli.exhausts() ? stimuli.distinct() : options.vectors();
    try (ProgressBar bar =
        Progress.bar(unit.name(), minutes == null ? words : -1, " M", 1_000_000)) {
      result =
          Campaign.runCovering(
              unit,
              devices,
              options,
              stimuli,
              n -> {
                if (bar != null) {
                  bar.stepBy(n);
                }
              });
    }
    List<String> notes = unit.notes();
    LoopRatio loop =
        single && rtl.isEmpty() && !unit.reduces() && result.failure().isEmpty()
            ? LoopRatio.measure(unit, library, options)
            : null;
    VerifyReport.Failed failed =
        result
            .failure()
            .map(f -> failed(f, unit.name(), rtl, request, devices, cache, sources))
            .orElse(null);
    return new VerifyReport.Row(result, loop, failed, library.fresh(), library.buildTime(), notes);
  }

  /** Shrinks a failure and saves it with its waveform. */
  private VerifyReport.Failed failed(
      Failure failure,
      String name,
      Optional<OwnRtl> rtl,
      UnitRequest request,
      Campaign.Devices devices,
      ModelCache cache,
      List<Path> sources) {
    Optional<Shrinker.Shrunk> shrunk = Shrinker.shrink(failure, devices);
    if (shrunk.isEmpty()) {
      return new VerifyReport.Failed(
          failure.what() + "\n  it does not happen again from reset: the RTL depends on its past\n",
          Optional.empty(),
          Optional.empty());
    }
    String text = FailureReport.text(shrunk.get());
    try {
      Path folder = folder(name);
      Path file = folder.resolve("replay.json");
      new Replay(name, rtl, request, shrunk.get().failure()).write(file);
      Files.writeString(folder.resolve("report.txt"), text);
      Path wave = Waveform.write(shrunk.get().failure(), cache, sources, folder);
      return new VerifyReport.Failed(text, Optional.of(file), Optional.of(wave));
    } catch (IOException e) {
      throw new InputException(
          "the failure cannot be saved (%s); choose another folder with --out\n%s"
              .formatted(e.getMessage(), text));
    }
  }

  private static List<Path> sources(Optional<OwnRtl> rtl, Unit unit, ModelCache cache) {
    return rtl.map(OwnRtl::sources).orElseGet(() -> RtlSources.of(unit.name(), cache.folder()));
  }

  private Path folder(String name) throws IOException {
    if (out != null) {
      return Files.createDirectories(out);
    }
    String time = LocalDateTime.now().format(DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss"));
    Path runs = Files.createDirectories(Path.of("runs"));
    for (int i = 1; ; i++) {
      try {
        String suffix = i == 1 ? "" : "-" + i;
        return Files.createDirectory(runs.resolve("verify-" + name + "-" + time + suffix));
      } catch (FileAlreadyExistsException e) {
        // two failures in one second
      }
    }
  }

  /** Exit 1 while the failure is still there. */
  private int replay() throws IOException {
    if (!Files.isRegularFile(replay)) {
      throw new InputException(replay + " does not exist");
    }
    ModelCache cache = ModelCache.open();
    Replay saved = Replay.read(replay, cache);
    Failure failure = saved.failure();
    Unit unit = failure.unit();
    List<Path> sources = sources(saved.own(), unit, cache);
    VerilatedLibrary library = cache.build(unit.build(sources, failure.lanes()));
    Campaign.Options options =
        Campaign.Options.DEFAULT.lanes(failure.lanes()).seed(failure.seed()).pokes(failure.pokes());
    Optional<Shrinker.Difference> d =
        Shrinker.run(failure, Campaign.models(unit, library, options));
    if (d.isEmpty()) {
      main.text()
          .printf("%s%n  the failure is gone: %d beats equal%n", unit.describe(), failure.beats());
      return Main.GOOD;
    }
    main.text().print(FailureReport.text(new Shrinker.Shrunk(failure, d.get(), 1)));
    if (out != null) {
      Path wave = Waveform.write(failure, cache, sources, Files.createDirectories(out));
      main.text().println("  waveform  " + wave);
    }
    return Main.CHECK_FAILED;
  }
}
