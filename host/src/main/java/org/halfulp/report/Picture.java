package org.halfulp.report;

import com.github.weisj.jsvg.SVGDocument;
import com.github.weisj.jsvg.parser.LoaderContext;
import com.github.weisj.jsvg.parser.SVGLoader;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import javax.imageio.ImageIO;
import org.mozilla.javascript.Context;
import org.mozilla.javascript.ContextFactory;
import org.mozilla.javascript.ScriptableObject;

/**
 * A figure as a file for a paper: ECharts draws it as it does on a page, in Rhino instead of a
 * browser.
 */
public final class Picture {
  private static final int WIDTH = 760;
  private static final int SCALE = 2;

  private static ScriptableObject scope; // ECharts takes a second or more to load

  private Picture() {}

  /** The figure with its title and legend, on white. */
  public static synchronized String svg(Figure figure) {
    if (figure.isEmpty()) {
      throw new IllegalArgumentException(figure.id() + " is empty: " + figure.empty());
    }
    Context context = new ContextFactory().enterContext();
    try {
      context.setInterpretedMode(true); // what runs once is not worth compiling
      if (scope == null) {
        ScriptableObject fresh = context.initSafeStandardObjects();
        run(context, fresh, "figure.js", "function setTimeout() {} function clearTimeout() {}");
        run(context, fresh, "echarts.js", ECharts.library());
        run(context, fresh, "figure.js", ECharts.own("figure.js"));
        scope = fresh;
      }
      String call =
          "pictureOf(%s, %s, %s, %d, %d)"
              .formatted(
                  Page.json(figure.title()),
                  Page.json(figure.caption() + " " + figure.source()),
                  Page.json(figure.option()),
                  WIDTH,
                  figure.height());
      return Context.toString(run(context, scope, figure.id(), call)) + "\n";
    } finally {
      Context.exit();
    }
  }

  /**
   * The picture of {@link #svg} in pixels, twice as many as the SVG has, for slides and documents
   * that take no SVG.
   *
   * @throws IOException if this Java cannot draw text, as where no font is installed
   */
  public static byte[] png(String svg) throws IOException {
    System.setProperty("java.awt.headless", "true");
    try {
      var in = new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8));
      SVGDocument document = new SVGLoader().load(in, null, LoaderContext.createDefault());
      if (document == null) {
        throw new IOException("the SVG cannot be read back");
      }
      int width = Math.round(document.size().width) * SCALE;
      int height = Math.round(document.size().height) * SCALE;
      BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
      Graphics2D g = image.createGraphics();
      g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
      g.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
      g.scale(SCALE, SCALE);
      document.render(null, g, null);
      g.dispose();
      var out = new ByteArrayOutputStream();
      ImageIO.write(image, "png", out);
      return out.toByteArray();
    } catch (InternalError | RuntimeException | UnsatisfiedLinkError | NoClassDefFoundError e) {
      throw new IOException(
          "this Java cannot draw text (%s); install a font (Debian: fontconfig and fonts-dejavu-core)"
              .formatted(e.getMessage()),
          e);
    }
  }

  private static Object run(Context context, ScriptableObject scope, String name, String script) {
    return context.evaluateString(scope, script, name, 1, null);
  }
}
