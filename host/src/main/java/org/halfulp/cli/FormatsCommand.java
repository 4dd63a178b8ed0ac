package org.halfulp.cli;

import java.io.PrintWriter;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.halfulp.number.FloatFormat;
import org.halfulp.number.FormatName;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code halfulp formats}. */
@Command(
    name = "formats",
    description = "List the published formats, and how to spell others.",
    footer = {"", "Example:", "  halfulp formats --json | jq -r '.[].name'"})
final class FormatsCommand implements Callable<Integer> {
  @ParentCommand private Main main;

  @Option(names = "--json", description = "Print a JSON array.")
  private boolean json;

  @Override
  public Integer call() {
    if (json) {
      printJson(main.text());
    } else {
      printTable(main.text());
    }
    return Main.GOOD;
  }

  private static void printTable(PrintWriter out) {
    String row = "%-18s %7s %4s %11s %7s %7s %7s %3s %3s %2s %s%n";
    out.printf(
        row,
        "name",
        "S/E/M",
        "bias",
        "emin..emax",
        "largest",
        "normal",
        "least",
        "Inf",
        "NaN",
        "-0",
        "*");
    List<String> sources = new ArrayList<>();
    for (FormatName.Published p : FormatName.published()) {
      FloatFormat f = p.format();
      if (!sources.contains(p.source())) {
        sources.add(p.source());
      }
      out.printf(
          row,
          p.name(),
          "%d/%d/%d".formatted(f.signed() ? 1 : 0, f.expBits(), f.fracBits()),
          f.bias(),
          f.emin() + ".." + f.emax(),
          brief(f, f.maxFinite()),
          brief(f, f.minNormal()),
          f.fracBits() == 0 ? "none" : brief(f, 1),
          yes(f.hasInfinity()),
          yes(f.hasNan()),
          yes(f.family().negativeZero()),
          sources.indexOf(p.source()) + 1);
    }
    out.println("S/E/M: sign, exponent and fraction bits. normal: smallest normal value.");
    out.println("least: smallest subnormal value. *: stated by");
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < sources.size(); i++) {
      String next = "  %d %s".formatted(i + 1, sources.get(i));
      if (line.length() + next.length() > 80) {
        out.println(line);
        line.setLength(0);
      }
      line.append(next);
    }
    out.println(line);
    out.print(
        """

        Other spellings, in any case:
          short     e4m3 bf16 fp16 half binary16 fp32 single fp64 double fp8_e4m3 fp4
                    (e4m3 e5m2 e3m2 e2m3 e2m1 e8m0 mean the OCP formats)
          P3109     binary8p4se = 8 bits, precision 4, signed|unsigned, extended|finite
          built     e<E>m<M>[:family][,bias=B][,nosub][,daz]   e6m9  e4m3:ieee
                    families: ieee fn fnuz finite p3109 p3109sf p3109ue p3109uf fnu
                    nosub: results never subnormal; daz: subnormal operands are zero
          fixed     q<I>.<F> uq<I>.<F>, sign bit inside I      q8.8  uq0.8  q-2.10
          MATLAB    sfix16_En8  ufix8_En8  sfix8_E2
          HLS       "ap_fixed<16,8,AP_RND_CONV,AP_SAT>" carries rounding and range
        halfulp explain FORMAT shows one in full, with its other names.
        """);
  }

  private static String yes(boolean has) {
    return has ? "y" : "-";
  }

  /** At most seven characters: exact as an integer or a power of two, else two digits. */
  private static String brief(FloatFormat f, long code) {
    BigDecimal value = new BigDecimal(f.toDouble(code));
    Exact exact = Exact.of(value);
    if (value.compareTo(BigDecimal.ONE) >= 0 && value.toPlainString().length() <= 6) {
      return value.toPlainString();
    }
    if (Exact.scaled(BigInteger.ONE, exact.top()).equals(exact)) {
      return "2^" + exact.top();
    }
    return value.round(new MathContext(2)).toString().replace("E+", "e");
  }

  private static void printJson(PrintWriter out) {
    Json.print(
        out,
        json -> {
          json.writeStartArray();
          for (FormatName.Published p : FormatName.published()) {
            FloatFormat f = p.format();
            json.writeStartObject();
            json.writeStringField("name", p.name());
            json.writeNumberField("width", f.width());
            json.writeBooleanField("signed", f.signed());
            json.writeNumberField("exponent_bits", f.expBits());
            json.writeNumberField("fraction_bits", f.fracBits());
            json.writeNumberField("bias", f.bias());
            json.writeNumberField("emin", f.emin());
            json.writeNumberField("emax", f.emax());
            json.writeStringField("family", f.family().label());
            json.writeNumberField("largest", f.toDouble(f.maxFinite()));
            json.writeNumberField("min_normal", f.toDouble(f.minNormal()));
            if (f.fracBits() == 0) {
              json.writeNullField("min_subnormal");
            } else {
              json.writeNumberField("min_subnormal", f.toDouble(1));
            }
            json.writeBooleanField("infinity", f.hasInfinity());
            json.writeBooleanField("nan", f.hasNan());
            json.writeBooleanField("negative_zero", f.family().negativeZero());
            json.writeStringField("source", p.source());
            json.writeArrayFieldStart("aliases");
            for (String alias : FormatName.aliasesOf(p.name())) {
              json.writeString(alias);
            }
            json.writeEndArray();
            json.writeEndObject();
          }
          json.writeEndArray();
        });
  }
}
