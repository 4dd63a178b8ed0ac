package org.halfulp.verify;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.halfulp.number.Flags;
import org.halfulp.number.FloatFormat;
import org.halfulp.number.Format;
import org.halfulp.number.Real;

/**
 * How often each combination of operand classes met each outcome. Both are computed from codes and
 * flags, so a count is what was compared and not what was meant.
 */
public final class Bins {
  private static final List<String> KINDS = List.of("zero", "subnormal", "normal", "inf", "nan");
  private static final List<String> TAILS =
      List.of("exact", "inexact", "underflow", "overflow", "invalid");
  private static final int OUTCOMES = KINDS.size() * TAILS.size();
  private static final int MAX_OPERANDS = 3;
  private static final int TABLE_BITS = 16;
  private static final byte[] TAIL = tails();

  private final Unit unit;
  private final OperandClasses[] classes; // of the operands that are counted, at most three
  private final int[] operands; // their fields
  private final int result; // field of the outputs, or -1
  private final int flags; // likewise
  private final Format format; // of the result
  private final byte[] kinds;
  private final int lanes;
  private final long[] counts;
  private int[] bins = new int[0];

  private static byte[] tails() {
    byte[] tails = new byte[32];
    for (int flags = 0; flags < 32; flags++) {
      tails[flags] =
          (byte)
              ((flags & (Flags.INVALID | Flags.DIVIDE_BY_ZERO)) != 0
                  ? 4
                  : (flags & Flags.OVERFLOW) != 0
                      ? 3
                      : (flags & Flags.UNDERFLOW) != 0 ? 2 : (flags & Flags.INEXACT) != 0 ? 1 : 0);
    }
    return tails;
  }

  /** Empty bins for the first three operands of a unit. */
  public Bins(Unit unit, int lanes) {
    this.unit = unit;
    this.lanes = lanes;
    List<Integer> numbers = new ArrayList<>();
    List<OperandClasses> of = new ArrayList<>();
    List<Field> inputs = unit.inputs();
    for (int f = 0; f < inputs.size() && of.size() < MAX_OPERANDS; f++) {
      Field field = inputs.get(f);
      if (field.format().isPresent() && field.perLane()) {
        numbers.add(f);
        of.add(OperandClasses.of(field.format().get()));
      }
    }
    operands = numbers.stream().mapToInt(Integer::intValue).toArray();
    classes = of.toArray(OperandClasses[]::new);
    int resultField = -1;
    int flagsField = -1;
    List<Field> outputs = unit.outputs();
    for (int f = 0; f < outputs.size(); f++) {
      if (outputs.get(f).format().isPresent() && resultField < 0) {
        resultField = f;
      } else if (flagsField < 0 && outputs.get(f).port().endsWith("flags")) {
        flagsField = f;
      }
    }
    result = resultField;
    flags = flagsField;
    format = result < 0 ? null : outputs.get(result).format().orElseThrow();
    kinds = format != null && format.width() <= TABLE_BITS ? kinds(format) : null;
    int size = OUTCOMES;
    for (OperandClasses c : classes) {
      size *= c.count();
    }
    counts = new long[2 * size];
  }

  private static byte[] kinds(Format format) {
    byte[] kinds = new byte[1 << format.width()];
    for (int code = 0; code < kinds.length; code++) {
      kinds[code] = (byte) kind(format, code);
    }
    return kinds;
  }

  private static int kind(Format format, long code) {
    if (format instanceof FloatFormat f) {
      long magnitude = code & f.mask() >>> 1;
      if (magnitude != 0 && magnitude <= f.maxFinite()) {
        return magnitude < f.minNormal() ? 1 : 2;
      }
    }
    Real value = format.decode(code);
    return value.isNan() ? 4 : value.isInfinite() ? 3 : value.isZero() ? 0 : 2;
  }

  /** Counts answers, each with the operands of the beat that it leaves with. */
  public void add(long[][] in, long[][] out, int beats) {
    if (!unit.reduces()) {
      addAll(in, out, beats * lanes);
      return;
    }
    int words = result >= 0 && !unit.outputs().get(result).perLane() ? 1 : lanes;
    for (int b = 0, answer = 0; b < beats; b++) {
      if (unit.answers(in, b)) {
        for (int l = 0; l < words; l++) {
          counts[2 * binOf(in, b * lanes + l, out, answer * words + l)]++;
        }
        answer++;
      }
    }
  }

  /** {@link #binOf} column by column. */
  private void addAll(long[][] in, long[][] out, int n) {
    if (bins.length < n) {
      bins = new int[n];
    }
    for (int k = 0; k < classes.length; k++) {
      classes[k].append(in[operands[k]], bins, n, k > 0);
    }
    if (kinds != null && flags >= 0 && classes.length > 0) { // the same as below, in half the time
      countAll(bins, out[result], kinds, out[flags], TAIL, counts, n);
      return;
    }
    for (int i = 0; i < n; i++) {
      counts[2 * ((classes.length == 0 ? 0 : bins[i]) * OUTCOMES + outcome(out, i))]++;
    }
  }

  private static void countAll(
      int[] bins, long[] codes, byte[] kinds, long[] flags, byte[] tails, long[] counts, int n) {
    int tailCount = TAILS.size();
    for (int i = 0; i < n; i++) {
      int bin = bins[i] * OUTCOMES + kinds[(int) codes[i]] * tailCount + tails[(int) flags[i]];
      counts[2 * bin + (i & 1)]++; // two in a row often have one bin, and would wait for each other
    }
  }

  /** The bin of operands {@code i} and word {@code o}. */
  int binOf(long[][] in, int i, long[][] out, int o) {
    int bin = 0;
    for (int k = 0; k < classes.length; k++) {
      bin = bin * classes[k].count() + classes[k].of(in[operands[k]][i]);
    }
    return bin * OUTCOMES + outcome(out, o);
  }

  private int outcome(long[][] out, int i) {
    int kind = 0;
    if (result >= 0) {
      long code = out[result][i];
      kind = kinds != null ? kinds[(int) code] : kind(format, code);
    }
    return kind * TAILS.size() + (flags < 0 ? 0 : TAIL[(int) out[flags][i]]);
  }

  /** Adds the counts of other bins of the same unit. */
  public void add(Bins other) {
    for (int i = 0; i < counts.length; i++) {
      counts[i] += other.counts[i];
    }
  }

  /** Bins that were met. */
  public int met() {
    int met = 0;
    for (int i = 0; i < size(); i++) {
      met += count(i) == 0 ? 0 : 1;
    }
    return met;
  }

  /**
   * Names of the bins that {@code other}, of any unit of the same classes, met and this did not.
   */
  List<Integer> missing(Bins other) {
    if (other.counts.length != counts.length) {
      throw new IllegalArgumentException("bins of other classes");
    }
    List<Integer> missing = new ArrayList<>();
    for (int i = 0; i < size(); i++) {
      if (count(i) == 0 && other.count(i) != 0) {
        missing.add(i);
      }
    }
    return missing;
  }

  long total() {
    return Arrays.stream(counts).sum();
  }

  long count(int bin) {
    return counts[2 * bin] + counts[2 * bin + 1];
  }

  private int size() {
    return counts.length / 2;
  }

  /** {@code "subnormal x one -> normal inexact"}. */
  String name(int bin) {
    StringBuilder text = new StringBuilder();
    int[] digits = classesOf(bin);
    for (int k = 0; k < digits.length; k++) {
      text.append(k == 0 ? "" : " x ").append(classes[k].names().get(digits[k]));
    }
    return text.append(" -> ").append(outcomeName(bin % OUTCOMES)).toString();
  }

  /** The class of each operand of a bin. */
  int[] classesOf(int bin) {
    int[] digits = new int[classes.length];
    int rest = bin / OUTCOMES;
    for (int k = classes.length - 1; k >= 0; k--) {
      digits[k] = rest % classes[k].count();
      rest /= classes[k].count();
    }
    return digits;
  }

  private String outcomeName(int outcome) {
    String tail = TAILS.get(outcome % TAILS.size());
    return result < 0
        ? flags < 0 ? "any" : tail
        : outcomeName(KINDS.get(outcome / TAILS.size()), tail);
  }

  private String outcomeName(String kind, String tail) {
    return (kind.equals("normal") && !(format instanceof FloatFormat) ? "value" : kind)
        + " "
        + tail;
  }

  /** Every bin that was met, by name. */
  public Map<String, Long> all() {
    Map<String, Long> named = new LinkedHashMap<>();
    for (int i = 0; i < size(); i++) {
      if (count(i) != 0) {
        named.put(name(i), count(i));
      }
    }
    return named;
  }

  /** Vectors by outcome: {@code "normal inexact"}; only those that occurred. */
  public Map<String, Long> outcomes() {
    Map<String, Long> sums = new LinkedHashMap<>();
    for (int o = 0; o < OUTCOMES; o++) {
      long sum = 0;
      for (int i = o; i < size(); i += OUTCOMES) {
        sum += count(i);
      }
      if (sum != 0) {
        sums.put(outcomeName(o), sum);
      }
    }
    return sums;
  }

  /** Operands by class, over all operands. */
  public Map<String, Long> classes() {
    Map<String, Long> sums = new LinkedHashMap<>();
    for (OperandClasses c : classes) {
      c.names().forEach(name -> sums.putIfAbsent(name, 0L));
    }
    for (int i = 0; i < size(); i++) {
      if (count(i) != 0) {
        int[] digits = classesOf(i);
        for (int k = 0; k < digits.length; k++) {
          sums.merge(classes[k].names().get(digits[k]), count(i), Long::sum);
        }
      }
    }
    return sums;
  }
}
