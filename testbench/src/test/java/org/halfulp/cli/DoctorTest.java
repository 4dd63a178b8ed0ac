package org.halfulp.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;

class DoctorTest {

  @Test
  void everyToolIsListedWithinAMinute() throws Exception {
    Cli run = Cli.run("doctor").isCivil();
    for (String tool : new String[] {"JDK", "Verilator", "C++", "make", "Yosys", "Z3", "cache"}) {
      run.shows(tool);
    }
    var json = new ObjectMapper().readTree(Cli.run("doctor", "--json").out());
    assertTrue(json.get("good").asBoolean() == (run.exit() == 0), run::toString);
  }
}
