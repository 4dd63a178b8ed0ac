package org.halfulp.verify;

import java.util.ArrayList;
import java.util.List;
import org.halfulp.number.Flags;
import org.halfulp.number.FloatFormat;
import org.halfulp.number.Format;
import org.halfulp.number.Real;

/** How often each kind of result occurred, so that a campaign can show what it reached. */
final class Outcomes implements UpdateCrossCheck.Twin {
  /** A result has one of the last five and any of the others. */
  enum Kind {
    EXACT,
    INEXACT,
    UNDERFLOW,
    OVERFLOW,
    INVALID,
    ZERO,
    SUBNORMAL,
    NORMAL,
    INFINITE,
    NAN
  }

  private static final int CLASSES = 5;

  private final UpdateCrossCheck.Twin twin;
  private final byte[] classes;
  private final long[] bins = new long[32 * CLASSES];

  /** Counts the results of {@code twin} in {@code weight}, at most 16 bits. */
  Outcomes(Format weight, UpdateCrossCheck.Twin twin) {
    this.twin = twin;
    classes = new byte[1 << weight.width()];
    for (int code = 0; code < classes.length; code++) {
      classes[code] = (byte) (kind(weight, code).ordinal() - Kind.ZERO.ordinal());
    }
  }

  private static Kind kind(Format format, long code) {
    Real value = format.decode(code);
    if (value.isNan()) {
      return Kind.NAN;
    }
    if (value.isInfinite()) {
      return Kind.INFINITE;
    }
    if (value.isZero()) {
      return Kind.ZERO;
    }
    boolean subnormal =
        format instanceof FloatFormat f && (code & format.mask() >>> 1) < f.minNormal();
    return subnormal ? Kind.SUBNORMAL : Kind.NORMAL;
  }

  @Override
  public void update(long[] w, long[] g, long step, long[] out, int[] flags, int n) {
    twin.update(w, g, step, out, flags, n);
    for (int i = 0; i < n; i++) {
      bins[flags[i] * CLASSES + classes[(int) out[i]]]++;
    }
  }

  long[] counts() {
    long[] counts = new long[Kind.values().length];
    for (int bin = 0; bin < bins.length; bin++) {
      int flags = bin / CLASSES;
      counts[Kind.ZERO.ordinal() + bin % CLASSES] += bins[bin];
      add(counts, (flags & Flags.INEXACT) == 0 ? Kind.EXACT : Kind.INEXACT, bins[bin]);
      add(counts, (flags & Flags.UNDERFLOW) == 0 ? null : Kind.UNDERFLOW, bins[bin]);
      add(counts, (flags & Flags.OVERFLOW) == 0 ? null : Kind.OVERFLOW, bins[bin]);
      add(counts, (flags & Flags.INVALID) == 0 ? null : Kind.INVALID, bins[bin]);
    }
    return counts;
  }

  private static void add(long[] counts, Kind kind, long n) {
    if (kind != null) {
      counts[kind.ordinal()] += n;
    }
  }

  static String describe(long[] counts) {
    List<String> words = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      words.add(kind.name().toLowerCase(java.util.Locale.ROOT) + " " + counts[kind.ordinal()]);
    }
    return String.join(", ", words);
  }
}
