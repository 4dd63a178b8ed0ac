package org.halfulp.number;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A format as somebody wrote it; section 1.3 of the contract.
 *
 * @param format what it means
 * @param rounding the rounding that the spelling carries ({@code ap_fixed}), if any
 * @param overflow the range rule that the spelling carries, if any
 * @param convention which reading was chosen and why, where another is in use
 */
public record FormatName(
    Format format,
    Optional<RoundingMode> rounding,
    Optional<OverflowRule> overflow,
    Optional<String> convention) {

  /** A published format: its canonical name, shape, and the document that states it. */
  public record Published(String name, FloatFormat format, String source) {}

  private static final String LLVM = "LLVM APFloat, ml_dtypes";
  private static final List<Published> PUBLISHED =
      List.of(
          published("float4_e2m1fn", 2, 1, Family.FINITE, "OCP MX 1.0"),
          published("float6_e2m3fn", 2, 3, Family.FINITE, "OCP MX 1.0"),
          published("float6_e3m2fn", 3, 2, Family.FINITE, "OCP MX 1.0"),
          published("float8_e4m3fn", 4, 3, Family.FN, "OCP OFP8 1.0"),
          published("float8_e5m2", 5, 2, Family.IEEE, "OCP OFP8 1.0"),
          published("float8_e4m3", 4, 3, Family.IEEE, LLVM),
          published("float8_e3m4", 3, 4, Family.IEEE, LLVM),
          published("float8_e4m3fnuz", 4, 3, Family.FNUZ, LLVM),
          published("float8_e5m2fnuz", 5, 2, Family.FNUZ, LLVM),
          new Published("float8_e4m3b11fnuz", FloatFormat.of(4, 3, Family.FNUZ).withBias(11), LLVM),
          published("float8_e8m0fnu", 8, 0, Family.FNU, "OCP MX 1.0"),
          published("bfloat16", 8, 7, Family.IEEE, "Google Brain"),
          published("float16", 5, 10, Family.IEEE, "IEEE 754-2019 binary16"),
          published("tf32", 8, 10, Family.IEEE, "NVIDIA TensorFloat-32"),
          published("float32", 8, 23, Family.IEEE, "IEEE 754-2019 binary32"),
          published("float64", 11, 52, Family.IEEE, "IEEE 754-2019 binary64"));

  /** Other spellings of the published formats. */
  private static final Map<String, String> ALIASES = aliases();

  private static final Map<String, FloatFormat> BY_NAME = byName();

  private static final Pattern P3109 = Pattern.compile("binary(\\d{1,3})p(\\d{1,3})([su])([ef])");
  private static final Pattern BUILT = Pattern.compile("e(\\d{1,3})m(\\d{1,3})");
  private static final Pattern Q = Pattern.compile("(u?)q(-?\\d{1,4})\\.(-?\\d{1,4})");
  private static final Pattern FIX = Pattern.compile("([su])fix(\\d{1,3})(?:_e(n?)(\\d{1,4}))?");
  private static final Pattern HLS =
      Pattern.compile(
          "ap_(u?)fixed<\\s*(\\d{1,3})\\s*,\\s*(-?\\d{1,4})\\s*((?:,\\s*[a-z_]+\\s*)*)>");

  private static Published published(String name, int e, int m, Family family, String source) {
    return new Published(name, FloatFormat.of(e, m, family), source);
  }

  /** The published formats in the order of their width. */
  public static List<Published> published() {
    return PUBLISHED;
  }

  /** The other names under which {@code canonical} is read. */
  public static List<String> aliasesOf(String canonical) {
    List<String> names = new ArrayList<>();
    ALIASES.forEach(
        (alias, name) -> {
          if (name.equals(canonical)) {
            names.add(alias);
          }
        });
    return names;
  }

  private static Map<String, String> aliases() {
    Map<String, String> map = new LinkedHashMap<>();
    map.put("e4m3fn", "float8_e4m3fn");
    map.put("fp8_e4m3", "float8_e4m3fn");
    map.put("fp8_e4m3fn", "float8_e4m3fn");
    map.put("ocp_e4m3", "float8_e4m3fn");
    map.put("mxfp8_e4m3", "float8_e4m3fn");
    map.put("fp8_e5m2", "float8_e5m2");
    map.put("ocp_e5m2", "float8_e5m2");
    map.put("mxfp8_e5m2", "float8_e5m2");
    map.put("float8_e4m3b11", "float8_e4m3b11fnuz");
    map.put("e4m3b11fnuz", "float8_e4m3b11fnuz");
    map.put("e4m3fnuz", "float8_e4m3fnuz");
    map.put("fp8_e4m3fnuz", "float8_e4m3fnuz");
    map.put("e5m2fnuz", "float8_e5m2fnuz");
    map.put("fp8_e5m2fnuz", "float8_e5m2fnuz");
    map.put("e8m0fnu", "float8_e8m0fnu");
    map.put("ocp_e8m0", "float8_e8m0fnu");
    map.put("e2m3fn", "float6_e2m3fn");
    map.put("fp6_e2m3", "float6_e2m3fn");
    map.put("ocp_e2m3", "float6_e2m3fn");
    map.put("mxfp6_e2m3", "float6_e2m3fn");
    map.put("e3m2fn", "float6_e3m2fn");
    map.put("fp6_e3m2", "float6_e3m2fn");
    map.put("ocp_e3m2", "float6_e3m2fn");
    map.put("mxfp6_e3m2", "float6_e3m2fn");
    map.put("e2m1fn", "float4_e2m1fn");
    map.put("fp4_e2m1", "float4_e2m1fn");
    map.put("ocp_e2m1", "float4_e2m1fn");
    map.put("mxfp4_e2m1", "float4_e2m1fn");
    map.put("fp4", "float4_e2m1fn");
    map.put("bf16", "bfloat16");
    map.put("fp16", "float16");
    map.put("f16", "float16");
    map.put("half", "float16");
    map.put("binary16", "float16");
    map.put("tensorfloat32", "tf32");
    map.put("fp32", "float32");
    map.put("f32", "float32");
    map.put("single", "float32");
    map.put("binary32", "float32");
    map.put("fp64", "float64");
    map.put("f64", "float64");
    map.put("double", "float64");
    map.put("binary64", "float64");
    return map;
  }

  private static Map<String, FloatFormat> byName() {
    Map<String, FloatFormat> map = new LinkedHashMap<>();
    PUBLISHED.forEach(p -> map.put(p.name(), p.format()));
    ALIASES.forEach((alias, name) -> map.put(alias, map.get(name)));
    return map;
  }

  /** Bare {@code eXmY} that OCP published, which therefore do not mean the IEEE family. */
  private static Optional<String> ocpName(int e, int m) {
    return switch (e * 100 + m) {
      case 201 -> Optional.of("float4_e2m1fn");
      case 203 -> Optional.of("float6_e2m3fn");
      case 302 -> Optional.of("float6_e3m2fn");
      case 403 -> Optional.of("float8_e4m3fn");
      case 502 -> Optional.of("float8_e5m2");
      case 800 -> Optional.of("float8_e8m0fnu");
      default -> Optional.empty();
    };
  }

  /**
   * Reads any spelling of a format.
   *
   * @throws IllegalArgumentException naming what is wrong and what is accepted
   */
  public static FormatName parse(String text) {
    String name = text.strip().toLowerCase(Locale.ROOT);
    Matcher hls = HLS.matcher(name);
    if (hls.matches()) {
      return hls(text, hls);
    }
    Matcher q = Q.matcher(name);
    if (q.matches()) {
      int fraction = Integer.parseInt(q.group(3));
      int width = Integer.parseInt(q.group(2)) + fraction;
      return fixed(text, q.group(1).isEmpty(), width, fraction);
    }
    Matcher fix = FIX.matcher(name);
    if (fix.matches()) {
      int scale = fix.group(4) == null ? 0 : Integer.parseInt(fix.group(4));
      boolean negativeExponent = "n".equals(fix.group(3));
      return fixed(
          text,
          fix.group(1).equals("s"),
          Integer.parseInt(fix.group(2)),
          negativeExponent ? scale : -scale);
    }
    try {
      return parseFloat(text, name);
    } catch (IllegalArgumentException e) {
      String why = e.getMessage();
      throw new IllegalArgumentException(
          why.startsWith("format '") ? why : "format '%s': %s".formatted(text, why));
    }
  }

  private static FormatName fixed(String text, boolean signed, int width, int fraction) {
    if (width < 1 || width > 64) {
      throw new IllegalArgumentException(
          "format '%s': its width is %d bits, fixed point takes 1 to 64".formatted(text, width));
    }
    if (Math.abs(fraction) > FixedFormat.MAX_FRACTION) {
      throw new IllegalArgumentException(
          "format '%s': it has %d fraction bits, the limits are -%3$d and %3$d"
              .formatted(text, fraction, FixedFormat.MAX_FRACTION));
    }
    return new FormatName(
        new FixedFormat(signed, width, fraction),
        Optional.empty(),
        Optional.empty(),
        signed && text.strip().toLowerCase(Locale.ROOT).startsWith("q")
            ? Optional.of(
                "the sign bit is one of the integer bits, as in ap_fixed and ARM's Q notation")
            : Optional.empty());
  }

  private static FormatName hls(String text, Matcher hls) {
    int width = Integer.parseInt(hls.group(2));
    int integer = Integer.parseInt(hls.group(3));
    RoundingMode rounding = RoundingMode.RDN;
    OverflowRule overflow = OverflowRule.WRAP;
    String[] words = hls.group(4).replaceFirst("^\\s*,", "").split(",");
    for (int i = 0; i < words.length && !words[i].isBlank(); i++) {
      String word = words[i].strip();
      switch (i) {
        case 0 ->
            rounding =
                switch (word) {
                  case "ap_rnd_conv" -> RoundingMode.RNE;
                  case "ap_rnd_inf" -> RoundingMode.RNA;
                  case "ap_rnd" -> RoundingMode.HALF_UP;
                  case "ap_rnd_min_inf" -> RoundingMode.HALF_DOWN;
                  case "ap_rnd_zero" -> RoundingMode.HALF_ZERO;
                  case "ap_trn_zero" -> RoundingMode.RTZ;
                  case "ap_trn" -> RoundingMode.RDN;
                  default ->
                      throw new IllegalArgumentException(
                          "format '%s': unknown quantization '%s'; known: AP_RND_CONV AP_RND_INF"
                                  .formatted(text, word)
                              + " AP_RND AP_RND_MIN_INF AP_RND_ZERO AP_TRN AP_TRN_ZERO");
                };
        case 1 ->
            overflow =
                switch (word) {
                  case "ap_sat" -> OverflowRule.SATURATE;
                  case "ap_sat_sym" -> OverflowRule.SYMMETRIC;
                  case "ap_wrap" -> OverflowRule.WRAP;
                  default ->
                      throw new IllegalArgumentException(
                          "format '%s': overflow '%s' is not supported; known: AP_SAT AP_SAT_SYM AP_WRAP"
                              .formatted(text, word));
                };
        default ->
            throw new IllegalArgumentException(
                "format '%s': too many arguments; ap_fixed<width,integer bits,quantization,overflow>"
                    .formatted(text));
      }
    }
    FormatName plain = fixed(text, hls.group(1).isEmpty(), width, width - integer);
    return new FormatName(
        plain.format,
        Optional.of(rounding),
        Optional.of(overflow),
        Optional.of("ap_fixed defaults are AP_TRN (rdn) and AP_WRAP (wrap)"));
  }

  private static FormatName parseFloat(String text, String name) {
    int colon = name.indexOf(':');
    String base = colon < 0 ? name : name.substring(0, colon);
    String[] options = colon < 0 ? new String[0] : name.substring(colon + 1).split(",", -1);
    Optional<Family> family = Optional.empty();
    int firstOption = 0;
    Matcher built = BUILT.matcher(base);
    boolean isBuilt = built.matches();
    if (isBuilt && options.length > 0 && !isSwitch(options[0])) {
      family = Optional.of(Family.parse(options[0]));
      firstOption = 1;
    }
    Matcher p3109 = P3109.matcher(base);
    boolean isP3109 = p3109.matches();
    if (!isBuilt && !isP3109 && !BY_NAME.containsKey(base)) {
      throw new IllegalArgumentException(
          "unknown; a published name (see 'halfulp formats'), binary<K>p<P><s|u><e|f>,"
              + " e<E>m<M>[:family[,bias=B][,nosub][,daz]], q<I>.<F>, uq<I>.<F>,"
              + " sfix<W>_En<F>, or ap_fixed<W,I[,rounding[,overflow]]>");
    }
    Optional<Integer> bias = Optional.empty();
    boolean subnormals = true;
    boolean daz = false;
    for (int i = firstOption; i < options.length; i++) {
      String option = options[i];
      if (option.startsWith("bias=")) {
        bias = Optional.of(parseBias(option.substring(5)));
      } else if (option.equals("nosub")) {
        subnormals = false;
      } else if (option.equals("daz")) {
        daz = true;
      } else {
        throw new IllegalArgumentException(
            "unknown option '%s'; known: %sbias=B nosub daz"
                .formatted(option, isBuilt && i == 0 ? "a family, " : ""));
      }
    }
    Optional<String> convention = Optional.empty();
    FloatFormat format;
    if (isBuilt) {
      int e = Integer.parseInt(built.group(1));
      int m = Integer.parseInt(built.group(2));
      Optional<String> ocp = family.isEmpty() ? ocpName(e, m) : Optional.empty();
      if (ocp.isPresent()) {
        format = BY_NAME.get(ocp.get());
        if (format.family() != Family.IEEE) {
          convention =
              Optional.of(
                  "'%s' is read as the OCP format %s; the IEEE-like one would be %s:ieee"
                      .formatted(base, ocp.get(), base));
        }
      } else {
        // The bias at once: the family's own may not fit binary64 where the one asked for does.
        Family chosen = family.orElse(Family.IEEE);
        format = new FloatFormat(e, m, bias.orElse(chosen.defaultBias(e)), chosen, true, false);
        if (family.isEmpty()) {
          convention = Optional.of("no family given, so ieee: Inf and NaN in the top exponent");
        }
      }
    } else if (isP3109) {
      format = p3109(p3109);
    } else {
      format = BY_NAME.get(base);
      if (base.equals("fp8_e4m3")) {
        convention = Optional.of("fp8_e4m3 is OCP E4M3 (largest 448), not IEEE-like (240)");
      } else if (base.equals("float8_e4m3")) {
        convention = Optional.of("float8_e4m3 is IEEE-like (largest 240); OCP's is float8_e4m3fn");
      }
    }
    format = format.withBias(bias.orElse(format.bias())).withSubnormals(subnormals).withDaz(daz);
    return new FormatName(format, Optional.empty(), Optional.empty(), convention);
  }

  private static boolean isSwitch(String option) {
    return option.startsWith("bias=") || option.equals("nosub") || option.equals("daz");
  }

  private static int parseBias(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "bias must be an integer in [-4096, 4096], got '" + text + "'");
    }
  }

  private static FloatFormat p3109(Matcher name) {
    int k = Integer.parseInt(name.group(1));
    int p = Integer.parseInt(name.group(2));
    boolean signed = name.group(3).equals("s");
    boolean extended = name.group(4).equals("e");
    int e = signed ? k - p : k - p + 1;
    if (p < 1 || e < 1) {
      throw new IllegalArgumentException(
          "precision P must be in [1, %d] for K = %d, got %d".formatted(signed ? k - 1 : k, k, p));
    }
    Family family =
        signed
            ? extended ? Family.P3109 : Family.P3109_SF
            : extended ? Family.P3109_UE : Family.P3109_UF;
    return FloatFormat.of(e, p - 1, family);
  }

  /** The one name that we print. */
  static String canonical(FloatFormat f) {
    FloatFormat plain = f.withDefaults();
    boolean defaultBias = f.bias() == f.family().defaultBias(f.expBits());
    String base = null;
    for (Published p : PUBLISHED) {
      if (p.format().equals(plain)) {
        base = p.name();
      }
    }
    String separator = ":";
    if (base == null && defaultBias) {
      base = p3109Name(f);
    }
    StringBuilder name = new StringBuilder();
    if (base != null) {
      name.append(base);
    } else {
      name.append('e').append(f.expBits()).append('m').append(f.fracBits());
      name.append(':').append(f.family().label());
      separator = ",";
      if (!defaultBias) {
        name.append(",bias=").append(f.bias());
      }
    }
    if (!f.subnormals()) {
      name.append(separator).append("nosub");
      separator = ",";
    }
    if (f.daz()) {
      name.append(separator).append("daz");
    }
    return name.toString();
  }

  private static String p3109Name(FloatFormat f) {
    String domain =
        switch (f.family()) {
          case P3109 -> "se";
          case P3109_SF -> "sf";
          case P3109_UE -> "ue";
          case P3109_UF -> "uf";
          default -> null;
        };
    return domain == null ? null : "binary" + f.width() + "p" + (f.fracBits() + 1) + domain;
  }
}
