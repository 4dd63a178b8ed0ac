package org.halfulp.cli;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.halfulp.input.InputException;
import org.halfulp.number.Arithmetic;
import org.halfulp.number.Format;
import org.halfulp.number.Quantizer;
import org.halfulp.number.Rounded;

/** What {@code eval} can do. */
enum Operation {
  ADD(2),
  SUB(2),
  MUL(2),
  DIV(2),
  SQRT(1),
  FMA(3),
  CONVERT(1);

  private final int operands;

  Operation(int operands) {
    this.operands = operands;
  }

  int operands() {
    return operands;
  }

  String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  Rounded apply(Format from, long a, long b, long c, Quantizer to, long r) {
    return switch (this) {
      case ADD -> Arithmetic.add(from, a, b, to, r);
      case SUB -> Arithmetic.sub(from, a, b, to, r);
      case MUL -> Arithmetic.mul(from, a, b, to, r);
      case DIV -> Arithmetic.div(from, a, b, to, r);
      case SQRT -> Arithmetic.sqrt(from, a, to, r);
      case FMA -> Arithmetic.fma(from, a, b, c, to, r);
      case CONVERT -> Arithmetic.convert(from, a, to, r);
    };
  }

  static Operation parse(String text) {
    for (Operation op : values()) {
      if (op.label().equals(text.toLowerCase(Locale.ROOT))) {
        return op;
      }
    }
    throw new InputException(
        "unknown operation '%s'; known: %s"
            .formatted(
                text,
                Arrays.stream(values()).map(Operation::label).collect(Collectors.joining(" "))));
  }
}
