package org.halfulp.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.halfulp.number.FormatName;
import org.junit.jupiter.api.Test;

class FormatsTest {

  @Test
  void tableHasEveryPublishedFormatIn80Columns() {
    Cli table = Cli.run("formats").exits(0);
    assertTrue(table.out().lines().allMatch(line -> line.length() <= 80), table::toString);
    for (FormatName.Published p : FormatName.published()) {
      assertTrue(table.out().lines().anyMatch(line -> line.startsWith(p.name() + " ")), p::name);
    }
  }

  /** OCP OFP8 1.0, table 1; OCP MX 1.0, tables 3 to 7; IEEE 754-2019, table 3.5. */
  @Test
  void limitsAreThePublishedOnes() throws Exception {
    JsonNode all = new ObjectMapper().readTree(Cli.run("formats", "--json").exits(0).out());
    assertEquals(FormatName.published().size(), all.size());
    check(all, "float8_e4m3fn", 448, 0x1p-6, 0x1p-9);
    check(all, "float8_e5m2", 57344, 0x1p-14, 0x1p-16);
    check(all, "float6_e2m3fn", 7.5, 1, 0.125);
    check(all, "float6_e3m2fn", 28, 0.25, 0.0625);
    check(all, "float4_e2m1fn", 6, 1, 0.5);
    check(all, "float16", 65504, 0x1p-14, 0x1p-24);
    check(all, "float32", Float.MAX_VALUE, Float.MIN_NORMAL, Float.MIN_VALUE);
    check(all, "float64", Double.MAX_VALUE, Double.MIN_NORMAL, Double.MIN_VALUE);
  }

  private static void check(
      JsonNode all, String name, double largest, double normal, double least) {
    for (JsonNode f : all) {
      if (f.get("name").asText().equals(name)) {
        assertEquals(largest, f.get("largest").asDouble(), name);
        assertEquals(normal, f.get("min_normal").asDouble(), name);
        assertEquals(least, f.get("min_subnormal").asDouble(), name);
        return;
      }
    }
    throw new AssertionError(name + " is not listed");
  }
}
