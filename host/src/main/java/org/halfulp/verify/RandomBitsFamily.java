package org.halfulp.verify;

import java.util.List;

/** {@code random_bits.v}: {@code --random-bits} is the width of a draw. */
final class RandomBitsFamily implements UnitFamily {
  @Override
  public String top() {
    return "random_bits";
  }

  @Override
  public String summary() {
    return "one stream of random bits; --random-bits is the width of a draw";
  }

  @Override
  public Unit unit(UnitRequest request) {
    if (request.format().isPresent()
        || request.to().isPresent()
        || request.rounding().isPresent()
        || request.perBeat()
        || request.overflow().isPresent()
        || request.stages().isPresent()
        || !request.parameters().isEmpty()) {
      throw new IllegalArgumentException("random_bits has no option but --random-bits");
    }
    return new RandomBitsUnit(request.randomBits().orElse(UnitRequest.RANDOM_BITS));
  }

  @Override
  public List<UnitRequest> matrix() {
    return List.of(1, 2, 7, 8, 12, 31, 32).stream().map(UnitRequest.DEFAULT::randomBits).toList();
  }
}
