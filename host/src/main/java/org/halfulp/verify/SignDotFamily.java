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

/** {@code xnor_dot.v}, and {@code sign_dot.v} with {@code --format} of its numbers. */
enum SignDotFamily implements UnitFamily {
  XNOR_DOT("rows of signs times a vector of signs, 2 popcount(xnor) - LENGTH", 100, 32),
  SIGN_DOT("rows of signs times a vector of fixed-point numbers, exact", 20, 4);

  private static final Set<String> KNOWN = Set.of("LENGTH", "WORD");

  private final String summary;
  private final long length;
  private final long word;

  SignDotFamily(String summary, long length, long word) {
    this.summary = summary;
    this.length = length;
    this.word = word;
  }

  @Override
  public String top() {
    return this == XNOR_DOT ? "xnor_dot" : "sign_dot";
  }

  @Override
  public String summary() {
    return summary;
  }

  @Override
  public Unit unit(UnitRequest request) {
    if (request.perBeat()
        || request.rounding().isPresent()
        || request.overflow().isPresent()
        || request.stages().isPresent()
        || request.to().isPresent()
        || this == XNOR_DOT && request.format().isPresent()) {
      throw new IllegalArgumentException(
          "%s rounds nothing and has no stages to choose: it takes %s--set LENGTH, WORD"
              .formatted(top(), this == XNOR_DOT ? "" : "--format and "));
    }
    Map<String, Long> p = request.parameters();
    Set<String> others = new TreeSet<>(p.keySet());
    others.removeAll(KNOWN);
    if (!others.isEmpty()) {
      throw new IllegalArgumentException(
          "%s has no parameter to set named %s; known: %s"
              .formatted(top(), others, new TreeSet<>(KNOWN)));
    }
    Format format = request.format().orElseGet(() -> FormatName.parse("q4.4").format());
    if (!(format instanceof FixedFormat fixed)) {
      throw new IllegalArgumentException(top() + " takes fixed point, got " + format.name());
    }
    return new SignDotUnit(
        this == XNOR_DOT ? Optional.empty() : Optional.of(fixed),
        Math.toIntExact(p.getOrDefault("LENGTH", length)),
        Math.toIntExact(p.getOrDefault("WORD", word)));
  }

  @Override
  public List<UnitRequest> matrix() {
    List<UnitRequest> all = new ArrayList<>();
    if (this == XNOR_DOT) {
      for (long[] shape : new long[][] {{7, 7}, {5, 8}, {100, 32}, {1000, 64}}) {
        all.add(UnitRequest.DEFAULT.with("LENGTH", shape[0]).with("WORD", shape[1]));
      }
    } else {
      all.add(UnitRequest.DEFAULT.format("q2.2").with("LENGTH", 3).with("WORD", 3));
      all.add(UnitRequest.DEFAULT.format("q4.4").with("LENGTH", 20).with("WORD", 4));
      all.add(UnitRequest.DEFAULT.format("q8.8").with("LENGTH", 9).with("WORD", 4));
    }
    return all;
  }
}
