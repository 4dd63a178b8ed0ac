package org.halfulp.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** Curves and measured points over two logarithmic axes, as SVG. */
public final class Chart {
  private static final int WIDTH = 760;
  private static final int HEIGHT = 440;
  private static final int LEFT = 70;
  private static final int RIGHT = 230;
  private static final int TOP = 40;
  private static final int BOTTOM = 50;
  private static final String[] COLORS = { // told apart by the colour-blind too (Okabe and Ito)
    "#000000", "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#888888"
  };

  /**
   * One curve: a line of predictions, and circles with a bar of two standard errors each way.
   *
   * @param x positive, ascending
   * @param line as long; not positive or not finite: left out
   * @param marks as long, likewise
   * @param errors of the marks
   */
  public record Series(String name, double[] x, double[] line, double[] marks, double[] errors) {}

  private Chart() {}

  /** The whole picture. */
  public static String svg(String title, String xLabel, String yLabel, List<Series> series) {
    double[] xs = {Double.MAX_VALUE, 0};
    double[] ys = {Double.MAX_VALUE, 0};
    for (Series s : series) {
      for (int i = 0; i < s.x().length; i++) {
        extend(xs, s.x()[i]);
        extend(ys, s.line()[i]);
        extend(ys, s.marks()[i]);
      }
    }
    Axis x = new Axis(xs, LEFT, WIDTH - RIGHT);
    Axis y = new Axis(ys, HEIGHT - BOTTOM, TOP);
    StringBuilder out = new StringBuilder();
    add(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\""
            + " font-family=\"sans-serif\" font-size=\"12\">",
        WIDTH,
        HEIGHT);
    add(out, "<rect width=\"%d\" height=\"%d\" fill=\"white\"/>", WIDTH, HEIGHT);
    text(out, LEFT, 22, "start", "<tspan font-size=\"14\">" + escaped(title) + "</tspan>");
    for (double t : x.ticks()) {
      add(out, rule("#dddddd\""), x.at(t), (double) TOP, x.at(t), (double) HEIGHT - BOTTOM);
      text(out, x.at(t), HEIGHT - BOTTOM + 18, "middle", label(t));
    }
    for (double t : y.ticks()) {
      add(out, rule("#dddddd\""), (double) LEFT, y.at(t), (double) WIDTH - RIGHT, y.at(t));
      text(out, LEFT - 8, y.at(t) + 4, "end", label(t));
    }
    text(out, (LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 12, "middle", escaped(xLabel));
    add(
        out,
        "<text transform=\"translate(16,%d) rotate(-90)\" text-anchor=\"middle\">%s</text>",
        (TOP + HEIGHT - BOTTOM) / 2,
        escaped(yLabel));
    for (int k = 0; k < series.size(); k++) {
      String color = COLORS[k % COLORS.length];
      String dash = k < COLORS.length ? "" : " stroke-dasharray=\"5 3\"";
      draw(out, series.get(k), x, y, color, dash);
      int row = TOP + 14 + 18 * k;
      double left = WIDTH - RIGHT + 12;
      add(out, rule(color + "\"" + dash), left, row - 4.0, left + 22, row - 4.0);
      text(out, left + 28, row, "start", escaped(series.get(k).name()));
    }
    out.append("</svg>\n");
    return out.toString();
  }

  private static void draw(StringBuilder out, Series s, Axis x, Axis y, String color, String dash) {
    StringBuilder points = new StringBuilder();
    for (int i = 0; i < s.x().length; i++) {
      if (isDrawn(s.line()[i])) {
        points.append(String.format(Locale.ROOT, "%.1f,%.1f ", x.at(s.x()[i]), y.at(s.line()[i])));
      }
    }
    add(
        out,
        "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"1.5\"%s/>",
        points.toString().strip(),
        color,
        dash);
    for (int i = 0; i < s.x().length; i++) {
      double mark = s.marks()[i];
      if (!isDrawn(mark)) {
        continue;
      }
      double low = mark - 2 * s.errors()[i];
      double from = y.at(low > y.least() ? low : y.least());
      double to = y.at(Math.min(mark + 2 * s.errors()[i], y.most()));
      add(out, rule(color + "\""), x.at(s.x()[i]), from, x.at(s.x()[i]), to);
      add(
          out,
          "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3.5\" fill=\"white\" stroke=\"%s\"/>",
          x.at(s.x()[i]),
          y.at(mark),
          color);
    }
  }

  private static boolean isDrawn(double v) {
    return v > 0 && v <= Double.MAX_VALUE;
  }

  private static void extend(double[] range, double v) {
    if (isDrawn(v)) {
      range[0] = Math.min(range[0], v);
      range[1] = Math.max(range[1], v);
    }
  }

  /** A line; {@code stroke} is its colour, a quotation mark and other attributes. */
  private static String rule(String stroke) {
    return "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"" + stroke + "/>";
  }

  private static void text(StringBuilder out, double x, double y, String anchor, String text) {
    add(out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>", x, y, anchor, text);
  }

  private static void add(StringBuilder out, String format, Object... values) {
    out.append(String.format(Locale.ROOT, format, values)).append('\n');
  }

  private static String label(double v) {
    return v >= 0.001 && v < 1e6
        ? new BigDecimal(v).round(new MathContext(2)).stripTrailingZeros().toPlainString()
        : String.format(Locale.ROOT, "%.0e", v).replace("e-0", "e-").replace("e+0", "e");
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  /** A logarithmic axis from {@code from} to {@code to} pixels. */
  private static final class Axis {
    private final double least;
    private final double most;
    private final double from;
    private final double to;

    Axis(double[] range, double from, double to) {
      boolean empty = !(range[1] > 0);
      least = empty ? 1 : range[0] / 1.1;
      most = empty ? 10 : range[1] * 1.1;
      this.from = from;
      this.to = to;
    }

    double least() {
      return least;
    }

    double most() {
      return most;
    }

    double at(double v) {
      return from + (to - from) * Math.log(v / least) / Math.log(most / least);
    }

    /** Round values: powers of ten, and as many between them as there is room for. */
    double[] ticks() {
      int first = (int) Math.floor(Math.log10(least));
      int last = (int) Math.ceil(Math.log10(most));
      double decades = Math.log10(most / least);
      double[] steps =
          decades > 4
              ? new double[] {1}
              : decades > 1.2 ? new double[] {1, 2, 5} : new double[] {1, 1.5, 2, 3, 4, 5, 7};
      return IntStream.rangeClosed(first, last)
          .boxed()
          .flatMap(e -> Arrays.stream(steps).mapToObj(s -> s * Math.pow(10, e)))
          .mapToDouble(Double::doubleValue)
          .filter(v -> v >= least && v <= most)
          .toArray();
    }
  }
}
