package org.halfulp.cost;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.List;

/**
 * One number that a tool gave.
 *
 * @param value the median of {@code samples} where there are any
 * @param flags the tool's command, without files
 * @param samples one for each seed; empty where the tool has no seed
 */
public record Figure(
    String name,
    double value,
    String unit,
    String tool,
    String version,
    String flags,
    List<Double> samples) {
  /** Logic cells that hold a LUT, a carry or a flip-flop, after place and route. */
  public static final String LC = "lc";

  public static final String FMAX = "fmax";
  public static final String LUT = "lut";
  public static final String CARRY = "carry";
  public static final String FF = "ff";
  public static final String DSP = "dsp";
  public static final String RAM = "ram";

  /** LUTs, carries and multiplexers on the longest path between registers. */
  public static final String LEVELS = "levels";

  public static final String AIG_NODES = "aig_nodes";
  public static final String AIG_DEPTH = "aig_depth";

  public Figure {
    samples = List.copyOf(samples);
    if (!(value >= 0) || Double.isInfinite(value)) {
      throw new IllegalArgumentException(name + " must be a finite number >= 0, got " + value);
    }
  }

  /** The largest sample less the smallest; 0 where there are none. */
  @JsonIgnore
  public double spread() {
    return samples.isEmpty()
        ? 0
        : samples.stream().mapToDouble(s -> s).max().orElseThrow()
            - samples.stream().mapToDouble(s -> s).min().orElseThrow();
  }
}
