package org.halfulp.verify;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.halfulp.kernel.Elementwise.Op;
import org.halfulp.number.Family;
import org.halfulp.number.FixedFormat;
import org.halfulp.number.FloatFormat;
import org.halfulp.number.Format;
import org.halfulp.number.FormatName;
import org.halfulp.number.RoundingMode;

/** The element-wise units of the RTL library, by the parameters that they share. */
enum ElementwiseFamily implements UnitFamily {
  FP_ADD("fp_add", "a + b, or a - b where in_sub is 1; floats", Op.ADD, true, true),
  FP_MUL("fp_mul", "a * b; floats", Op.MUL, true, true),
  FP_FMA("fp_fma", "a * b + c, rounded once; floats", Op.FMA, true, true),
  FP_CONVERT("fp_convert", "float to float", Op.CONVERT, true, true),
  FP_TO_FX("fp_to_fx", "float to fixed point", Op.CONVERT, true, false),
  FX_TO_FP("fx_to_fp", "fixed point to float", Op.CONVERT, false, true),
  FX_ADD("fx_add", "a + b, or a - b where in_sub is 1; fixed point", Op.ADD, false, false),
  FX_MUL("fx_mul", "a * b; fixed point", Op.MUL, false, false),
  FX_REQUANTIZE("fx_requantize", "fixed point to fewer bits", Op.CONVERT, false, false);

  private static final int MIN_FIXED = 2;
  private static final int MAX_FIXED = 32;
  private static final int MAX_FRACTION = 23;

  private final String top;
  private final String summary;
  private final Op op;
  private final boolean floatOperands;
  private final boolean floatResult;

  ElementwiseFamily(String top, String summary, Op op, boolean floatOperands, boolean floatResult) {
    this.top = top;
    this.summary = summary;
    this.op = op;
    this.floatOperands = floatOperands;
    this.floatResult = floatResult;
  }

  /** Whether operands and result are of one float format, with one set of parameters. */
  private boolean oneFormat() {
    return floatOperands && floatResult && op != Op.CONVERT;
  }

  @Override
  public String toString() {
    return top;
  }

  @Override
  public String top() {
    return top;
  }

  @Override
  public String summary() {
    return summary;
  }

  @Override
  public ElementwiseUnit unit(UnitRequest request) {
    Format from = request.format().orElse(defaultFormat(floatOperands, op));
    Format to =
        request
            .to()
            .orElse(floatOperands == floatResult && op != Op.CONVERT ? from : defaultResult());
    require("operands", from, floatOperands);
    require("result", to, floatResult);
    if (oneFormat() && !from.equals(to)) {
      throw new IllegalArgumentException(
          "%s has one format for operands and result; got %s and %s"
              .formatted(top, from.name(), to.name()));
    }
    UnitRequest.Rounding rounding = request.rounding(to);

    Map<String, Long> p = new LinkedHashMap<>();
    boolean rounderAlone = this == FX_REQUANTIZE;
    if (!rounderAlone) {
      p.put("STAGES", (long) request.stages().orElse(0));
    } else if (request.stages().orElse(0) != 0) {
      throw new IllegalArgumentException(top + " is combinational: it has no stages");
    }
    List<Field> operands = new ArrayList<>();
    for (int i = 0; i < op.operands(); i++) {
      String port = rounderAlone ? "in_data" : "in_" + "abc".charAt(i);
      operands.add(Field.code(port, from));
      String prefix = rounderAlone ? "IN_" : "ABC".charAt(i) + "_";
      if (from instanceof FixedFormat x) {
        p.put(prefix + "W", (long) x.width());
        p.put(prefix + "F", (long) x.fracBits());
      } else if (!oneFormat()) {
        FloatFormat x = (FloatFormat) from;
        p.put(prefix + "EXP_W", (long) x.expBits());
        p.put(prefix + "FRAC_W", (long) x.fracBits());
        p.put(prefix + "BIAS", (long) x.bias());
        p.put(prefix + "FAMILY", (long) x.family().ordinal());
        p.put(prefix + "DAZ", x.daz() ? 1L : 0L);
      }
    }
    if (to instanceof FixedFormat y) {
      p.put(rounderAlone ? "OUT_W" : "W", (long) y.width());
      p.put(rounderAlone ? "OUT_F" : "F", (long) y.fracBits());
    } else {
      FloatFormat y = (FloatFormat) to;
      p.put("EXP_W", (long) y.expBits());
      p.put("FRAC_W", (long) y.fracBits());
      p.put("BIAS", (long) y.bias());
      p.put("FAMILY", (long) y.family().ordinal());
      p.put("SUBNORMALS", y.subnormals() ? 1L : 0L);
      if (oneFormat()) {
        p.put("DAZ", y.daz() ? 1L : 0L);
      }
    }
    p.put(
        "ROUND",
        (long) rounding.mode().map(RoundingMode::ordinal).orElse(ElementwiseUnit.ROUND_PER_BEAT));
    p.put("RANGE", (long) rounding.rule().ordinal());
    p.put("RAND_BITS", (long) rounding.randomBits());
    p.putAll(request.parameters());
    return new ElementwiseUnit(
        top,
        op,
        operands,
        rounderAlone ? "out_data" : "out_y",
        to,
        rounding.mode(),
        rounding.rule(),
        rounding.randomBits(),
        op == Op.ADD,
        p);
  }

  private static Format defaultFormat(boolean isFloat, Op op) {
    if (isFloat) {
      return op == Op.CONVERT ? FloatFormat.FLOAT16 : format("e4m3:ieee");
    }
    return op == Op.CONVERT ? format("q4.12") : format("q4.4");
  }

  /** What a conversion gives by default. */
  private Format defaultResult() {
    return floatResult ? format("e4m3:ieee") : format("q4.4");
  }

  private static Format format(String name) {
    return FormatName.parse(name).format();
  }

  private void require(String what, Format format, boolean wantsFloat) {
    if (format instanceof FloatFormat f) {
      boolean known = f.family().ordinal() <= Family.P3109_SF.ordinal();
      if (wantsFloat && known && f.fracBits() <= MAX_FRACTION) {
        return;
      }
    } else if (!wantsFloat
        && format.signed()
        && format.width() >= MIN_FIXED
        && format.width() <= MAX_FIXED) {
      return;
    }
    throw new IllegalArgumentException(
        "%s takes %s in %s, got %s of %d bits"
            .formatted(
                top,
                what,
                wantsFloat
                    ? "a signed float format of at most " + MAX_FRACTION + " fraction bits"
                    : "signed fixed point of %d to %d bits".formatted(MIN_FIXED, MAX_FIXED),
                format.name(),
                format.width()));
  }

  @Override
  public List<UnitRequest> matrix() {
    List<UnitRequest> all = new ArrayList<>();
    for (UnitRequest formats : formats()) {
      for (RoundingMode mode : RoundingMode.values()) {
        if (!mode.fixedOnly() || !floatResult) {
          all.add(formats.rounding(mode));
        }
      }
      all.add(formats.roundingPerBeat());
    }
    return all;
  }

  private List<UnitRequest> formats() {
    UnitRequest any = UnitRequest.DEFAULT;
    if (oneFormat()) {
      return List.of(
          any.format("e4m3:ieee"),
          any.format("e4m3fn"),
          any.format("e5m2"),
          any.format("e4m3:ieee,nosub,daz"),
          any.format("bf16"),
          any.format("fp16"));
    }
    return switch (this) {
      case FP_CONVERT ->
          List.of(
              any.format("fp16").to("e4m3fn"),
              any.format("e5m2").to("e4m3:ieee"),
              any.format("bf16").to("e5m2"),
              any.format("e4m3fn").to("bf16"));
      case FP_TO_FX -> List.of(any.format("e4m3fn").to("q4.4"), any.format("fp16").to("q8.8"));
      case FX_TO_FP -> List.of(any.format("q4.4").to("e4m3:ieee"), any.format("q8.8").to("bf16"));
      case FX_REQUANTIZE -> List.of(any.format("q4.8").to("q4.4"), any.format("q16.16").to("q8.8"));
      default -> List.of(any.format("q4.4"), any.format("q8.8"));
    };
  }
}
