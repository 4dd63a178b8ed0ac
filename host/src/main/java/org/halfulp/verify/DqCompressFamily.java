package org.halfulp.verify;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.halfulp.number.FixedFormat;
import org.halfulp.number.Format;
import org.halfulp.number.FormatName;

/** {@code dq_compress.v}: {@code --format} is the gradients', {@code --to} the error registers'. */
final class DqCompressFamily implements UnitFamily {
  private static final FixedFormat FACTOR = new FixedFormat(false, 4, 4);
  private static final Set<String> KNOWN = Set.of("MOMENTUM", "BITS", "SHIFT_WIDTH");

  @Override
  public String top() {
    return "dq_compress";
  }

  @Override
  public String summary() {
    return "g less past errors in BITS bits, and its error; --to is the errors' format";
  }

  @Override
  public Unit unit(UnitRequest request) {
    if (request.perBeat()
        || request.rounding().isPresent()
        || request.overflow().isPresent()
        || request.stages().isPresent()) {
      throw new IllegalArgumentException(
          "dq_compress rounds nothing and has no stages to choose: it takes --format, --to and"
              + " --set MOMENTUM, BITS, SHIFT_WIDTH");
    }
    Map<String, Long> p = request.parameters();
    Set<String> others = new TreeSet<>(p.keySet());
    others.removeAll(KNOWN);
    if (!others.isEmpty()) {
      throw new IllegalArgumentException(
          "dq_compress has no parameter to set named %s; known: %s"
              .formatted(others, new TreeSet<>(KNOWN)));
    }
    long momentum = p.getOrDefault("MOMENTUM", 0L);
    if (momentum != 0 && momentum != 1) {
      throw new IllegalArgumentException("MOMENTUM must be 0 or 1, got " + momentum);
    }
    FixedFormat gradient =
        fixed(request.format().orElseGet(() -> FormatName.parse("q4.4").format()));
    return new DqCompressUnit(
        gradient,
        fixed(request.to().orElse(gradient)),
        momentum == 0 ? Optional.empty() : Optional.of(FACTOR),
        Math.toIntExact(p.getOrDefault("BITS", 4L)),
        Math.toIntExact(p.getOrDefault("SHIFT_WIDTH", 3L)));
  }

  private static FixedFormat fixed(Format format) {
    if (format instanceof FixedFormat f) {
      return f;
    }
    throw new IllegalArgumentException("dq_compress takes fixed point, got " + format.name());
  }

  @Override
  public List<UnitRequest> matrix() {
    List<UnitRequest> all = new ArrayList<>();
    for (String format : List.of("q4.4", "q8.8")) {
      for (int bits : List.of(1, 4)) {
        UnitRequest request = UnitRequest.DEFAULT.format(format).with("BITS", bits);
        all.add(request.with("SHIFT_WIDTH", 4));
        all.add(request.with("SHIFT_WIDTH", 4).with("MOMENTUM", 1));
      }
    }
    return all;
  }
}
