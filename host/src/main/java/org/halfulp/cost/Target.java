package org.halfulp.cost;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** What a unit is mapped to. */
public enum Target {
  /** Lattice iCE40 hx8k ct256: synthesis, place and route. It has no DSP blocks. */
  ICE40(
      List.of("SB_LUT4"),
      List.of("SB_CARRY"),
      List.of("SB_DFF"),
      List.of("SB_MAC16"),
      List.of("SB_RAM40")),
  /** Lattice ECP5: synthesis. */
  ECP5(
      List.of("LUT4"),
      List.of("CCU2C"),
      List.of("TRELLIS_FF"),
      List.of("MULT"),
      List.of("DP16KD", "TRELLIS_DPR16X4")),
  /** Xilinx 7 series: synthesis. */
  XC7(
      List.of("LUT"),
      List.of("CARRY4"),
      List.of("FD"),
      List.of("DSP48"),
      List.of("RAMB", "RAM32", "RAM64", "RAM128")),
  /** An and-inverter graph: its nodes and depth, flip-flops cut. */
  GENERIC(List.of(), List.of(), List.of(), List.of(), List.of());

  // beginnings of cell names
  private final List<String> luts;
  private final List<String> carries;
  private final List<String> flipFlops;
  private final List<String> multipliers;
  private final List<String> memories;

  Target(
      List<String> luts,
      List<String> carries,
      List<String> flipFlops,
      List<String> multipliers,
      List<String> memories) {
    this.luts = luts;
    this.carries = carries;
    this.flipFlops = flipFlops;
    this.multipliers = multipliers;
    this.memories = memories;
  }

  private static final String RESYNTHESIZE =
      "+strash;ifraig;scorr;dc2;dc2;balance;rewrite;refactor;balance;rewrite;rewrite,-z;balance;"
          + "refactor,-z;rewrite,-z;balance;dc2;print_stats";

  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * @throws IllegalArgumentException naming the known ones
   */
  public static Target parse(String label) {
    return Arrays.stream(values())
        .filter(t -> t.label().equals(label))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "--target must be one of %s, got '%s'"
                        .formatted(
                            Arrays.stream(values())
                                .map(Target::label)
                                .collect(Collectors.joining(" ")),
                            label)));
  }

  /** Whether it is placed and routed here: nextpnr for the others is in no distribution. */
  public boolean isRouted() {
    return this == ICE40;
  }

  /** The Yosys commands from the elaborated {@code wrapper} to cells. */
  String synthesis(Flow flow) {
    String abc9 = flow.abc9() ? " -abc9" : "";
    String dsp = flow.dsp() ? "" : " -nodsp";
    return switch (this) {
      case ICE40 -> "synth_ice40" + (flow.abc9() ? " -abc9 -device hx" : "") + " -top wrapper";
      case ECP5 -> "synth_ecp5" + abc9 + dsp + " -top wrapper";
      case XC7 -> "synth_xilinx -family xc7 -flatten -noiopad" + abc9 + dsp + " -top wrapper";
      case GENERIC ->
          "flatten; synth -run begin:fine; opt -full; techmap; opt; dffunmap; opt; simplemap";
    };
  }

  /** The last Yosys commands: what leaves figures in files. */
  String reports() {
    if (this == GENERIC) {
      return "tee -q -o aig.txt abc -script " + RESYNTHESIZE;
    }
    return "tee -q -o stat.json stat -json; tee -q -o levels.txt ltp * " + flipFlopsAreCut();
  }

  private String flipFlopsAreCut() {
    return flipFlops.stream().map(f -> "t:" + f + "* %d").collect(Collectors.joining(" "))
        + memories.stream().map(m -> " t:" + m + "* %d").collect(Collectors.joining());
  }

  boolean isLut(String cell) {
    return begins(cell, luts);
  }

  boolean isCarry(String cell) {
    return begins(cell, carries);
  }

  boolean isFlipFlop(String cell) {
    return begins(cell, flipFlops);
  }

  boolean isMultiplier(String cell) {
    return begins(cell, multipliers);
  }

  boolean isMemory(String cell) {
    return begins(cell, memories);
  }

  private static boolean begins(String cell, List<String> names) {
    return names.stream().anyMatch(cell::startsWith);
  }
}
