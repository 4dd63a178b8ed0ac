package org.halfulp.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/** Curves over one axis: losses of epochs, predictions and what was measured. */
public final class Curves {
  private static final int FEW = 40; // points that are drawn as points too

  /** How a curve is drawn; those of one name have one colour. */
  public enum Style {
    LINE,
    DASHED,
    MARKS,
    HOLLOW;

    private boolean isMarks() {
      return this == MARKS || this == HOLLOW;
    }
  }

  /**
   * One curve.
   *
   * @param color whose colour it has: its own name, or another curve's
   * @param reference what the others are compared with: drawn in grey
   * @param y as long as {@code x}; what is not finite is left out
   * @param errors of each y, drawn two each way; empty for none
   */
  public record Curve(
      String name,
      String color,
      Style style,
      boolean reference,
      double[] x,
      double[] y,
      double[] errors) {
    public static Curve line(String name, double[] x, double[] y) {
      return new Curve(name, name, Style.LINE, false, x, y, new double[0]);
    }

    public static Curve dashed(String name, double[] x, double[] y) {
      return new Curve(name, name, Style.DASHED, false, x, y, new double[0]);
    }

    public static Curve marks(String name, double[] x, double[] y, double[] errors) {
      return new Curve(name, name, Style.MARKS, false, x, y, errors);
    }

    /** Marks with nothing inside. */
    public static Curve hollow(String name, double[] x, double[] y, double[] errors) {
      return new Curve(name, name, Style.HOLLOW, false, x, y, errors);
    }

    public Curve asReference() {
      return new Curve(name, color, style, true, x, y, errors);
    }

    /** In another's colour. */
    public Curve besides(String other) {
      return new Curve(name, other, style, reference, x, y, errors);
    }
  }

  private Curves() {}

  /**
   * The figure.
   *
   * @param logX whether the horizontal axis may be logarithmic
   * @param logY likewise
   */
  public static Figure figure(
      String id,
      String title,
      String caption,
      String source,
      String xLabel,
      boolean logX,
      String yLabel,
      boolean logY,
      List<Curve> curves) {
    if (values(curves, Curve::y).noneMatch(Double::isFinite)) {
      return Figure.empty(id, title, "There is no finite value to draw.");
    }
    Axis x = Axis.of(xLabel, logX, values(curves, Curve::x));
    Axis y = Axis.of(yLabel, logY, values(curves, Curve::y));
    List<Object> series = new ArrayList<>();
    for (Curve c : curves) {
      boolean marked =
          curves.stream().anyMatch(o -> o.style().isMarks() && o.name().equals(c.name()));
      series.add(series(c, x, y, marked));
      if (c.errors().length > 0) {
        series.add(bars(c, x, y));
      }
    }
    Map<String, Object> option = new LinkedHashMap<>();
    option.put("xAxis", x.option());
    option.put("yAxis", y.option());
    option.put("tooltip", Map.of("trigger", "axis"));
    option.put("series", series);
    return Figure.of(id, title, caption, source, option);
  }

  private static DoubleStream values(List<Curve> curves, Function<Curve, double[]> part) {
    return curves.stream().map(part).flatMapToDouble(Arrays::stream);
  }

  private static Map<String, Object> series(Curve c, Axis x, Axis y, boolean marked) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("name", c.name());
    if (!c.color().equals(c.name())) {
      map.put("colorOf", c.color());
    }
    map.put("type", c.style().isMarks() ? "scatter" : "line");
    List<Object> data = new ArrayList<>();
    for (int i = 0; i < c.x().length; i++) {
      if (x.shows(c.x()[i])) {
        data.add(Stream.of(c.x()[i], y.shows(c.y()[i]) ? c.y()[i] : null).toList());
      }
    }
    map.put("data", data);
    if (c.style().isMarks()) {
      if (c.style() == Style.HOLLOW) {
        map.put("symbol", "emptyCircle");
      }
      map.put("symbolSize", c.style() == Style.HOLLOW ? 9 : 6);
      map.put("itemStyle", Map.of("opacity", 1));
    } else {
      map.put(
          "showSymbol",
          c.x().length <= FEW && c.style() == Style.LINE && !c.reference() && !marked);
      map.put("symbolSize", 4);
      map.put(
          "lineStyle",
          Map.of("width", 1.5, "type", c.style() == Style.DASHED ? "dashed" : "solid"));
    }
    if (c.reference()) {
      map.put("reference", true);
    }
    return map;
  }

  /** Bars of two standard errors, cut at the axis's ends. */
  private static Map<String, Object> bars(Curve c, Axis x, Axis y) {
    List<Object> data = new ArrayList<>();
    for (int i = 0; i < c.x().length; i++) {
      double middle = c.y()[i];
      double error = 2 * c.errors()[i];
      if (x.shows(c.x()[i]) && y.shows(middle) && error > 0 && Double.isFinite(error)) {
        double low = y.log() ? Math.max(middle - error, y.least()) : middle - error;
        double high = y.log() ? Math.min(middle + error, y.most()) : middle + error;
        data.add(List.of(c.x()[i], low, high));
      }
    }
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("name", c.name());
    map.put("type", "custom");
    map.put("drawing", "bars");
    map.put("encode", Map.of("x", 0, "y", List.of(1, 2)));
    map.put("clip", true);
    map.put("data", data);
    return map;
  }
}
