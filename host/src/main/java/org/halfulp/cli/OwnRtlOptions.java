package org.halfulp.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.halfulp.input.InputException;
import org.halfulp.kernel.Elementwise.Op;
import org.halfulp.verify.OwnRtl;
import picocli.CommandLine.Option;

/** The options of {@code verify --top}: a user's Verilog. */
final class OwnRtlOptions {
  @Option(names = "--top", paramLabel = "NAME", description = "A top of your own to check.")
  String top;

  @Option(
      names = "--sources",
      paramLabel = "FILE",
      split = ",",
      description = "Its Verilog or SystemVerilog files, included ones too.")
  private List<Path> sources = new ArrayList<>();

  @Option(
      names = "--against",
      paramLabel = "OP",
      description = "What it should compute: add sub mul fma convert.")
  private String against;

  @Option(
      names = "--map",
      paramLabel = "ROLE=PORT",
      split = ",",
      description = {
        "Its ports: a b c sub round rand y flags, valid ready (or a_valid a_ready ... each"
            + " operand's), out_valid out_ready. Left out: our units' names, in_a ... out_ready;"
            + " PORT - is none. flags is 5 bits: invalid div0 overflow underflow inexact."
      })
  private Map<String, String> map = new LinkedHashMap<>();

  @Option(
      names = "--tie",
      paramLabel = "PORT=V",
      split = ",",
      description =
          "An input that keeps one value: of a unit in_sub=0, say; of --top one that has no role"
              + " (others stay 0).")
  private Map<String, Long> ties = new LinkedHashMap<>();

  @Option(
      names = "--clock",
      paramLabel = "PORT",
      description = "Default: clk or clock, if it has one; - for none.")
  private String clock;

  @Option(
      names = "--reset",
      paramLabel = "PORT",
      description = "Default: rst_n, rst or reset, if it has one; - for none.")
  private String reset;

  @Option(
      names = "--reset-low",
      arity = "0..1",
      fallbackValue = "true",
      paramLabel = "BOOL",
      description = "Active low. Default: if its name ends in n.")
  private Boolean resetLow;

  @Option(
      names = "--latency",
      paramLabel = "N",
      description = "Rising edges from operands to the result, where no handshake says.")
  private String latency;

  @Option(
      names = "--interval",
      paramLabel = "N",
      description = "Cycles from one operand to the next under --latency. Default: 1.")
  private String interval;

  @Option(
      names = "--outstanding",
      paramLabel = "N",
      description = "Most operands under way in a stream. Default: no limit.")
  private String outstanding;

  @Option(names = "--any-nan", description = "Each NaN code may stand for NaN.")
  private boolean anyNan;

  @Option(
      names = "--flush",
      description =
          "Results below the smallest normal, judged after rounding, are to be zero of their sign.")
  private boolean flush;

  @Option(
      names = "--limit",
      paramLabel = "S",
      description = "Seconds without a finished word that end the check. Default: 10.")
  private Double limit;

  /** Inputs of a unit of ours that keep one value: those of a top of one's own are not stimuli. */
  Map<String, Long> ties() {
    return top == null ? ties : Map.of();
  }

  /** What the options say; empty without {@code --top}. */
  Optional<OwnRtl> rtl() {
    if (top == null) {
      if (!sources.isEmpty() || against != null || !map.isEmpty() || latency != null) {
        throw new InputException("--sources, --against, --map and --latency need --top");
      }
      return Optional.empty();
    }
    if (sources.isEmpty() || against == null) {
      throw new InputException(
          "--top needs --sources FILE,... and --against OP, one of add sub mul fma convert");
    }
    Op op;
    try {
      op = Op.valueOf(against.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new InputException("--against must be one of add sub mul fma convert, got " + against);
    }
    return Optional.of(
        new OwnRtl(
            top,
            sources,
            op,
            map,
            ties,
            Optional.ofNullable(clock),
            Optional.ofNullable(reset),
            Optional.ofNullable(resetLow),
            latency == null
                ? OptionalInt.empty()
                : OptionalInt.of(VerifyCommand.integer("--latency", latency, 0, 10_000)),
            interval == null ? 1 : VerifyCommand.integer("--interval", interval, 1, 10_000),
            outstanding == null
                ? 0
                : VerifyCommand.integer("--outstanding", outstanding, 1, 1_000_000),
            anyNan,
            flush,
            limit == null ? OwnRtl.SECONDS : limit));
  }
}
