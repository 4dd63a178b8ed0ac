package org.halfulp.verify;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.halfulp.kernel.UpdateUnit;

/** Every unit that can be verified by name. A new unit is one line here. */
public final class Catalogue {
  private static final List<UnitFamily> FAMILIES =
      List.of(
          ElementwiseFamily.FP_ADD,
          ElementwiseFamily.FP_MUL,
          ElementwiseFamily.FP_FMA,
          ElementwiseFamily.FP_CONVERT,
          ElementwiseFamily.FP_TO_FX,
          ElementwiseFamily.FX_TO_FP,
          ElementwiseFamily.FX_ADD,
          ElementwiseFamily.FX_MUL,
          new FixedMacFamily(),
          ElementwiseFamily.FX_REQUANTIZE,
          new RoundPackFamily(),
          new QuantizeSelectFamily(),
          new RandomBitsFamily(),
          new SgdUpdateFamily(),
          new UpdateSelectFamily(),
          new PolyakAverageFamily(),
          new DqCompressFamily(),
          SignDotFamily.XNOR_DOT,
          SignDotFamily.SIGN_DOT,
          new DotProductFamily(),
          new LinearStepFamily());

  private Catalogue() {}

  /** An update unit as it is described. */
  public static Unit update(UpdateUnit unit) {
    return new SgdUpdateUnit(unit, Map.of());
  }

  public static List<UnitFamily> all() {
    return FAMILIES;
  }

  /**
   * The family of a name.
   *
   * @throws IllegalArgumentException naming the known ones
   */
  public static UnitFamily of(String name) {
    return FAMILIES.stream()
        .filter(f -> f.top().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "unknown unit '%s'; known: %s"
                        .formatted(
                            name,
                            FAMILIES.stream()
                                .map(UnitFamily::top)
                                .collect(Collectors.joining(" ")))));
  }
}
