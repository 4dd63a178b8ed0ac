package org.halfulp.bench;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.halfulp.kernel.UpdateUnit;
import org.halfulp.number.FixedFormat;
import org.halfulp.number.FormatName;
import org.halfulp.number.OverflowRule;
import org.halfulp.number.Quantizer;
import org.halfulp.number.RoundingMode;
import org.halfulp.sim.ModelCache;
import org.halfulp.verify.RtlSources;
import org.halfulp.verify.UpdateModel;
import org.halfulp.verify.UpdateVectors;

/** The units whose cross-check is timed. */
final class CheckedUnits {
  /** Vectors of one timed piece: several batches. */
  static final int VECTORS = 1 << 18;

  /** Updates of a batch, as a campaign has them. */
  static final int CHUNK = 8192;

  static final long SEED = 1;
  static final long STEP = 1;

  private CheckedUnits() {}

  static Map<String, UpdateUnit> all() {
    Map<String, UpdateUnit> units = new LinkedHashMap<>();
    for (String[] names : new String[][] {{"e4m3fn", "e5m2"}, {"bf16", "bf16"}, {"q8.8", "q8.8"}}) {
      for (RoundingMode mode : new RoundingMode[] {RoundingMode.RNE, RoundingMode.SR}) {
        units.put(names[0] + "-" + mode, unit(names[0], names[1], mode));
      }
    }
    return units;
  }

  private static UpdateUnit unit(String weight, String gradient, RoundingMode mode) {
    org.halfulp.number.Format w = FormatName.parse(weight).format();
    int bits = mode == RoundingMode.SR ? 8 : 0;
    Quantizer q = new Quantizer(w, mode, OverflowRule.defaultFor(w), bits, true);
    FixedFormat step = new FixedFormat(false, 1, 4);
    return new UpdateUnit(q, FormatName.parse(gradient).format(), Optional.empty(), step);
  }

  /** A model with rows for a batch. */
  static UpdateModel open(ModelCache cache, UpdateUnit unit, int lanes) {
    return UpdateModel.open(
        cache, RtlSources.sgdUpdate(cache.folder()), unit, lanes, SEED, CHUNK / lanes);
  }

  /** Every pair of 8-bit formats several times over, or corners and random ones. */
  static UpdateVectors vectors(UpdateUnit unit) {
    org.halfulp.number.Format w = unit.weight().format();
    org.halfulp.number.Format g = unit.gradient();
    if (w.width() + g.width() > 16) {
      return UpdateVectors.mixed(w, g, -unit.step().fracBits(), VECTORS, SEED);
    }
    UpdateVectors all = new UpdateVectors.Exhaustive(w, g);
    return new UpdateVectors.Joined(
        java.util.Collections.nCopies((int) (VECTORS / all.size()), all));
  }
}
