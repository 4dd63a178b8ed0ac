package org.halfulp.verify;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.halfulp.kernel.UpdateUnit;
import org.halfulp.number.Family;
import org.halfulp.number.FixedFormat;
import org.halfulp.number.FloatFormat;
import org.halfulp.number.Format;
import org.halfulp.number.FormatName;
import org.halfulp.number.OverflowRule;
import org.halfulp.number.RoundingMode;

/**
 * {@code sgd_update_select.v}: {@code --format} is the weights', {@code --to} the gradients', both
 * chosen at its {@code cfg_*} ports, so that all of them share one build.
 */
final class UpdateSelectFamily implements UnitFamily {
  private static final String STEP_FRAC = "STEP_FRAC"; // a port, not a parameter
  private static final String ILLEGAL = "ILLEGAL"; // the number of what makes a selection so

  private static final int SIZES = 33; // floats
  private static final int SUM_BITS = 53; // SUM_W of sgd_select_lane

  private static final List<Map<String, Long>> ILLEGAL_ALWAYS = illegalAlways();
  private static final List<Map<String, Long>> ILLEGAL_FLOATS = illegalFloats();
  private static final List<Map<String, Long>> ILLEGAL_FIXED = illegalFixed();

  @Override
  public String top() {
    return "sgd_update_select";
  }

  @Override
  public String summary() {
    return "w - step * g, formats chosen at ports; --to is the gradients' format, --set STEP_FRAC=8"
        + " ILLEGAL=0, 1 to %d for a selection that it must refuse".formatted(count(true));
  }

  @Override
  public Unit unit(UnitRequest request) {
    if (request.perBeat()) {
      throw new IllegalArgumentException(
          "sgd_update_select has one mode for all beats, at a port: give --rounding a mode");
    }
    Map<String, Long> p = new LinkedHashMap<>();
    p.put("STAGES", (long) request.stages().orElse(0));
    p.put("WIDTH", 16L);
    p.put("MAX_EXP_W", 8L);
    p.put("MAX_FRAC_W", 10L);
    p.put("BIAS_W", 10L);
    p.put("STEP_WIDTH", 8L);
    p.put("RAND_BITS", 12L);
    p.put(STEP_FRAC, 8L);
    p.put(ILLEGAL, 0L);
    for (Map.Entry<String, Long> e : request.parameters().entrySet()) {
      if (e.getKey().equals("STAGES") || !p.containsKey(e.getKey())) {
        throw new IllegalArgumentException(
            "--set of sgd_update_select: WIDTH MAX_EXP_W MAX_FRAC_W BIAS_W STEP_WIDTH RAND_BITS"
                + " STEP_FRAC ILLEGAL, got "
                + e.getKey());
      }
      p.put(e.getKey(), e.getValue());
    }
    long stepFrac = p.remove(STEP_FRAC);
    long illegal = p.remove(ILLEGAL);
    long most = (1L << p.get("BIAS_W") - 1) - 1;
    if (Math.abs(stepFrac) > most) {
      throw new IllegalArgumentException(
          "--set STEP_FRAC of sgd_update_select must be in %d..%d, got %d"
              .formatted(-most, most, stepFrac));
    }
    Format weight = request.format().orElseGet(() -> FormatName.parse("e4m3fn").format());
    Format gradient = request.to().orElse(weight);
    fits("weight", weight, p);
    fits("gradient", gradient, p);
    if (weight instanceof FloatFormat != gradient instanceof FloatFormat) {
      throw new IllegalArgumentException(
          "sgd_update_select takes two float formats or two fixed ones, got %s and %s"
              .formatted(weight.name(), gradient.name()));
    }
    UnitRequest.Rounding r = request.rounding(weight);
    if (r.draws() && r.randomBits() > p.get("RAND_BITS")) {
      throw new IllegalArgumentException(
          "random bits must be in [1, RAND_BITS = %d], got %d"
              .formatted(p.get("RAND_BITS"), r.randomBits()));
    }
    UpdateUnit unit =
        new UpdateUnit(
            UnitRequest.quantizer(weight, r.mode().orElseThrow(), r.rule(), r.randomBits()),
            gradient,
            Optional.empty(),
            new FixedFormat(false, p.get("STEP_WIDTH").intValue(), (int) stepFrac));
    return new UpdateSelectUnit(unit, p, illegal(weight instanceof FloatFormat, illegal));
  }

  private static int count(boolean floats) {
    return ILLEGAL_ALWAYS.size() + (floats ? ILLEGAL_FLOATS : ILLEGAL_FIXED).size();
  }

  private static Map<String, Long> illegal(boolean floats, long number) {
    if (number < 0 || number > count(floats)) {
      throw new IllegalArgumentException(
          "--set ILLEGAL of sgd_update_select must be in 0..%d for %s, got %d"
              .formatted(count(floats), floats ? "floats" : "fixed point", number));
    }
    if (number == 0) {
      return Map.of();
    }
    int i = (int) number - 1;
    return i < ILLEGAL_ALWAYS.size()
        ? ILLEGAL_ALWAYS.get(i)
        : (floats ? ILLEGAL_FLOATS : ILLEGAL_FIXED).get(i - ILLEGAL_ALWAYS.size());
  }

  /** Random bits: none, or more than {@code RAND_BITS = 12}. */
  private static List<Map<String, Long>> illegalAlways() {
    return Stream.of(0L, 13L, 16L, 32L, 63L)
        .map(n -> Map.of("cfg_round", (long) RoundingMode.SR.ordinal(), "cfg_rand_bits", n))
        .toList();
  }

  /** Of formats of at most 16 bits, 8 of them exponent and 10 fraction. */
  private static List<Map<String, Long>> illegalFloats() {
    List<Map<String, Long>> all = new ArrayList<>();
    for (long range : new long[] {3, 4, 5, 6, 7}) {
      all.add(Map.of("cfg_range", range));
    }
    for (String p : List.of("cfg_w_", "cfg_g_")) {
      for (long exp : new long[] {0, 9, 10, 12, 15}) {
        all.add(Map.of(p + "exp", exp));
      }
      for (long frac : new long[] {11, 12, 16, 32, 3 + 64, 3 + 128, 3 + 256, 3 + 512}) {
        all.add(Map.of(p + "exp", 2L, p + "frac", frac));
      }
      for (long family : new long[] {6, 7}) {
        all.add(Map.of(p + "family", family));
      }
      all.add(Map.of(p + "exp", 8L, p + "frac", 8L)); // 17 bits
      all.add(Map.of(p + "exp", 6L, p + "frac", 10L));
      all.add(Map.of(p + "exp", 8L, p + "frac", 10L));
      for (long family : new long[] {0, 1, 4}) { // nothing but zero is finite
        all.add(Map.of(p + "exp", 1L, p + "frac", 0L, p + "family", family));
      }
    }
    for (long frac : new long[] {3, 8}) {
      all.add(
          Map.of("cfg_w_exp", 1L, "cfg_w_frac", frac, "cfg_w_family", 0L, "cfg_w_subnormals", 0L));
    }
    return List.copyOf(all);
  }

  /** Widths are 2 to 16. */
  private static List<Map<String, Long>> illegalFixed() {
    List<Map<String, Long>> all = new ArrayList<>();
    for (long range : new long[] {0, 1, 2, 6, 7}) {
      all.add(Map.of("cfg_range", range));
    }
    for (String p : List.of("cfg_w_", "cfg_g_")) {
      for (long width : new long[] {0, 1, 17, 18, 24, 31}) {
        all.add(Map.of(p + "width", width));
      }
    }
    return List.copyOf(all);
  }

  private static void fits(String what, Format format, Map<String, Long> p) {
    long half = 1L << p.get("BIAS_W") - 1;
    boolean fits =
        format instanceof FloatFormat f
            ? f.family().ordinal() <= Family.P3109_SF.ordinal()
                && f.expBits() <= p.get("MAX_EXP_W")
                && f.fracBits() <= p.get("MAX_FRAC_W")
                && Math.abs(f.bias()) < half
            : format.signed()
                && format.width() >= 2
                && Math.abs(((FixedFormat) format).fracBits()) < half;
    if (!fits || format.width() > p.get("WIDTH")) {
      throw new IllegalArgumentException(
          "sgd_update_select takes a signed %s format of at most %d bits, a float of at most %d"
                  .formatted(what, p.get("WIDTH"), p.get("MAX_EXP_W"))
              + " exponent and %d fraction bits; got %s"
                  .formatted(p.get("MAX_FRAC_W"), format.name()));
    }
  }

  @Override
  public List<UnitRequest> matrix() {
    List<UnitRequest> all = new ArrayList<>();
    for (String format :
        List.of(
            "e4m3fn",
            "e5m2",
            "e4m3fnuz",
            "binary8p4se",
            "e2m1fn",
            "bf16",
            "fp16",
            "fp16:nosub",
            "e4m3:ieee,nosub",
            "e4m0:ieee", // infinities without a fraction
            "e1m7:ieee" // an overflow that is subnormal
            )) {
      for (RoundingMode mode : RoundingMode.values()) {
        if (!mode.fixedOnly()) {
          all.add(UnitRequest.DEFAULT.format(format).rounding(mode));
        }
      }
    }
    for (RoundingMode mode : RoundingMode.values()) {
      all.add(UnitRequest.DEFAULT.format("q4.4").to("q2.6").rounding(mode));
      all.add(UnitRequest.DEFAULT.format("q4.12").rounding(mode));
    }
    // Points far off, both kinds of ends, all random bits.
    all.add(far(7, -3, 5, 52, -50).rounding(RoundingMode.RNA).overflow(OverflowRule.SYMMETRIC));
    all.add(far(13, -300, 11, -200, -88).rounding(RoundingMode.RUP).overflow(OverflowRule.WRAP));
    all.add(far(3, 255, 15, 128, 133).rounding(RoundingMode.SR).randomBits(7));
    // The product is a multiple of what wraps: w stays as it is.
    all.add(far(12, 100, 9, 20, 20).rounding(RoundingMode.RDN).overflow(OverflowRule.WRAP));
    all.add(far(9, 300, 14, -100, 50).rounding(RoundingMode.RUP).overflow(OverflowRule.WRAP));
    all.add(
        UnitRequest.DEFAULT
            .format("e3m2:ieee,bias=-300")
            .to("e3m3:fn,bias=-210")
            .with(STEP_FRAC, -85)
            .rounding(RoundingMode.SR)
            .randomBits(12));
    all.add(
        UnitRequest.DEFAULT
            .format("e4m3:fn,bias=500")
            .to("e2m2:ieee,bias=300")
            .with(STEP_FRAC, 200)
            .rounding(RoundingMode.RTO));
    for (int k = 4; k <= 10; k++) { // overflows by an exponent that is a power of two too large
      all.add(apart((1 << k) - 8));
    }
    for (int k = 6; k <= 10; k++) { // and exponents that are one before the sum is normalized
      all.add(apart((1 << k) - 8 - SUM_BITS));
    }
    for (String two : List.of("e1m0:fnuz", "e1m0:finite", "e1m0:p3109sf")) {
      all.add(UnitRequest.DEFAULT.format(two).rounding(RoundingMode.RNE));
    }
    everySize(all);
    UnitRequest floats = UnitRequest.DEFAULT.format("e4m3fn").rounding(RoundingMode.RNE);
    for (int i = 1; i <= count(true); i++) {
      all.add(floats.with(ILLEGAL, i));
    }
    UnitRequest fixed = UnitRequest.DEFAULT.format("q4.4").rounding(RoundingMode.RNE);
    for (int i = 1; i <= count(false); i++) {
      all.add(fixed.with(ILLEGAL, i));
    }
    return all;
  }

  /** Floats whose exponents differ by so much; the gradient's are the larger ones. */
  private static UnitRequest apart(int exponents) {
    int weight = exponents / 2;
    return UnitRequest.DEFAULT
        .format("e4m3:fn,bias=" + weight)
        .to("e4m3:fn,bias=" + (weight - exponents))
        .with(STEP_FRAC, 0)
        .rounding(RoundingMode.RNE);
  }

  /** Fixed point of every width; floats of every exponent and fraction width, of each family. */
  private static void everySize(List<UnitRequest> all) {
    for (int w = 2; w <= 16; w++) {
      all.add(
          far(w, w % 7, 18 - w, (5 * w) % 9, 4 + w % 5)
              .rounding(RoundingMode.values()[w % 6])
              .overflow(OverflowRule.values()[3 + w % 3]));
    }
    for (int i = 0; i < SIZES; i++) {
      all.add(
          UnitRequest.DEFAULT
              .format(sized(i))
              .to(sized(SIZES - 1 - i))
              .rounding(RoundingMode.values()[i % 7])
              .overflow(OverflowRule.values()[i % 3])
              .randomBits(1 + i % 12));
    }
  }

  /** Every fraction width with several exponent widths. */
  private static FloatFormat sized(int i) {
    int frac = i % 11;
    int exp = Math.min(2 + (3 * i + i / 11) % 7, 15 - frac);
    Family family = Family.values()[i % 6];
    return FloatFormat.of(exp, frac, family).withSubnormals(i % 5 != 4).withDaz(i % 4 == 3);
  }

  private static UnitRequest far(int width, int frac, int gradient, int gradientFrac, long step) {
    return UnitRequest.DEFAULT
        .format(new FixedFormat(true, width, frac))
        .to(new FixedFormat(true, gradient, gradientFrac))
        .with(STEP_FRAC, step);
  }
}
