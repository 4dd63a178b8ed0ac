package org.halfulp.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Apache ECharts, which draws every figure, and our few lines of JavaScript around it. */
final class ECharts {
  /** As in the pom. */
  static final String VERSION = "6.0.0";

  private ECharts() {}

  /** The library as one script. */
  static String library() {
    return text("/META-INF/resources/_static/echarts/" + VERSION + "/dist/echarts.min.js");
  }

  /** One of our files beside this class. */
  static String own(String name) {
    return text(name);
  }

  private static String text(String resource) {
    try (InputStream in = ECharts.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException(resource + " is not on the class path; build again");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
