package org.halfulp.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;
import java.util.Locale;

/**
 * A table that can be sorted and taken away as CSV.
 *
 * @param id unique on a page, also its file's name
 * @param rows cells are texts, numbers or null
 */
public record Table(
    String id, String title, String caption, List<String> columns, List<List<Object>> rows) {
  private static final MathContext SHOWN = new MathContext(6);

  public Table {
    for (List<Object> row : rows) {
      if (row.size() != columns.size()) {
        throw new IllegalArgumentException(
            "%s has %d columns and a row of %d".formatted(id, columns.size(), row.size()));
      }
    }
  }

  boolean isNumeric(int column) {
    return rows.stream().anyMatch(row -> row.get(column) instanceof Number);
  }

  /** A number as people read it: six digits of a fraction, all of an integer. */
  static String shown(Object cell) {
    if (cell == null) {
      return "";
    }
    if (!(cell instanceof Double d) || !Double.isFinite(d)) {
      return cell.toString();
    }
    double size = Math.abs(d);
    if (size == 0) {
      return "0";
    }
    if (size >= 1e7 || size < 1e-4) {
      return String.format(Locale.ROOT, "%.5e", d);
    }
    BigDecimal rounded = new BigDecimal(d).round(SHOWN);
    int whole = rounded.precision() - rounded.scale(); // digits before the point
    return rounded.setScale(Math.max(0, SHOWN.getPrecision() - whole)).toPlainString();
  }
}
