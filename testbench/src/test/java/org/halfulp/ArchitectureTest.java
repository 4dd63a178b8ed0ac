package org.halfulp;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.halfulp.cli.Main;
import org.halfulp.number.Format;
import org.junit.jupiter.api.Test;

/** Imports point down. */
class ArchitectureTest {
  private static final String BASE = "org.halfulp.";

  /** What each package may use of ours; every package must be named. */
  private static final Map<String, Set<String>> MAY_USE =
      Map.ofEntries(
          Map.entry("number", Set.of()),
          Map.entry("kernel", Set.of("number")),
          Map.entry("learn", Set.of("kernel", "number")),
          Map.entry("theory", Set.of("kernel", "number")),
          Map.entry("sim", Set.of()),
          Map.entry("input", Set.of("learn", "kernel", "number")),
          Map.entry("tensor", Set.of("input", "kernel", "number")),
          Map.entry("verify", Set.of("sim", "learn", "kernel", "number")),
          Map.entry("cost", Set.of("sim", "learn", "kernel", "number")),
          Map.entry(
              "sweep",
              Set.of("verify", "cost", "input", "sim", "learn", "theory", "kernel", "number")),
          Map.entry(
              "report",
              Set.of("verify", "cost", "input", "sim", "learn", "theory", "kernel", "number")),
          Map.entry(
              "cli",
              Set.of(
                  "sweep", "report", "verify", "cost", "tensor", "input", "sim", "learn", "theory",
                  "kernel", "number")));

  private static final Set<String> EMULATOR = Set.of("number", "kernel", "learn", "theory");

  private static final JavaClasses CLASSES = load();

  private static JavaClasses load() {
    // by place, so that the same packages of the testbench are left out
    JavaClasses all =
        new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .withImportOption(place -> !place.contains("testbench"))
            .importPackages("org.halfulp");
    assertTrue(all.contain(Format.class), "the emulator was not looked at");
    assertTrue(all.contain(Main.class), "the host was not looked at");
    assertTrue(all.size() > 60, "only " + all.size() + " classes were looked at");
    return all;
  }

  private static String folder(JavaClass c) {
    String name = c.getPackageName();
    return name.startsWith(BASE) ? name.substring(BASE.length()) : name;
  }

  @Test
  void everyPackageHasItsPlace() {
    Set<String> found =
        CLASSES.stream()
            .map(ArchitectureTest::folder)
            .collect(Collectors.toCollection(TreeSet::new));
    assertTrue(
        found.containsAll(Set.of("number", "kernel", "learn", "sim", "input", "verify", "cli")),
        found::toString);
    found.removeAll(MAY_USE.keySet());
    assertEquals(Set.of(), found, "packages that nobody gave a place");
  }

  @Test
  void importsPointDown() {
    MAY_USE.forEach(
        (name, allowed) -> {
          DescribedPredicate<JavaClass> ours = resideInAPackage("org.halfulp..");
          String[] fine =
              Stream.concat(allowed.stream(), Stream.of(name))
                  .map(p -> BASE + p)
                  .toArray(String[]::new);
          noClasses()
              .that()
              .resideInAPackage(BASE + name)
              .should()
              .dependOnClassesThat(
                  ours.and(DescribedPredicate.not(resideInAnyPackage(fine)))
                      .as("of HalfUlp outside %s %s", name, allowed))
              .allowEmptyShould(true) // a package may come later; load() saw that not all do
              .check(CLASSES);
        });
  }

  @Test
  void theEmulatorKnowsOnlyTheJdk() {
    for (String name : EMULATOR) {
      String[] fine = {
        "java..",
        "jdk.incubator.vector..",
        BASE + "number",
        BASE + "kernel",
        BASE + "learn",
        BASE + "theory"
      };
      if (!name.equals("number")) {
        fine = Stream.concat(Stream.of(fine), Stream.of("org.ejml..")).toArray(String[]::new);
      }
      classes()
          .that()
          .resideInAPackage(BASE + name)
          .should()
          .onlyDependOnClassesThat(resideInAnyPackage(fine))
          .allowEmptyShould(true)
          .check(CLASSES);
    }
  }

  @Test
  void oneLibraryHasOneDoor() {
    Map<String, List<String>> doors =
        Map.ofEntries(
            Map.entry("com.sun.jna..", List.of("sim")),
            Map.entry("picocli..", List.of("cli")),
            Map.entry("org.snakeyaml..", List.of("input", "tensor")),
            Map.entry("me.tongfei..", List.of("cli")),
            Map.entry("org.hipparchus..", List.of("cost")),
            Map.entry("blue.strategic..", List.of("sweep")),
            Map.entry("org.apache.parquet..", List.of("sweep")),
            Map.entry("org.sqlite..", List.of("sweep")),
            Map.entry("io.jenetics..", List.of("sweep")),
            Map.entry("org.apache.commons.jexl3..", List.of("input")),
            Map.entry("org.apache.commons.statistics..", List.of("sweep")),
            Map.entry("org.mozilla..", List.of("report")),
            Map.entry("com.github.weisj..", List.of("report")));
    doors.forEach(
        (library, homes) ->
            classes()
                .that(
                    DescribedPredicate.describe(
                        "use " + library,
                        c ->
                            c.getDirectDependenciesFromSelf().stream()
                                .anyMatch(d -> resideInAPackage(library).test(d.getTargetClass()))))
                .should()
                .resideInAnyPackage(homes.stream().map(h -> BASE + h).toArray(String[]::new))
                .check(CLASSES));
  }

  @Test
  void noPackagesDependOnEachOther() {
    slices().matching("org.halfulp.(*)..").should().beFreeOfCycles().check(CLASSES);
  }

  /** The rules above would catch what they forbid. */
  @Test
  void aRuleThatIsBrokenFails() {
    assertThrows(
        AssertionError.class,
        () ->
            noClasses()
                .that()
                .resideInAPackage(BASE + "verify")
                .should()
                .dependOnClassesThat(resideInAPackage(BASE + "sim"))
                .check(CLASSES));
  }

  @Test
  void theReadmeOfTheRtlNamesEveryModuleAndNoOther() throws IOException {
    Path rtl = Path.of("..", "rtl");
    Set<String> modules;
    try (Stream<Path> files = Files.list(rtl)) {
      modules =
          files
              .map(f -> f.getFileName().toString())
              .filter(f -> f.endsWith(".v"))
              .collect(Collectors.toCollection(TreeSet::new));
    }
    assertTrue(modules.size() >= 9, modules::toString);
    String readme = Files.readString(rtl.resolve("README.md"));
    for (String module : modules) {
      assertTrue(
          readme.contains(module.replace(".v", "")), module + " is missing in rtl/README.md");
    }
    Matcher named = Pattern.compile("[A-Za-z0-9_/]+\\.(v|vlt|sh|sby|py|java)\\b").matcher(readme);
    int count = 0;
    while (named.find()) {
      count++;
      String name = named.group();
      assertTrue(
          Files.exists(rtl.resolve(name)) || Files.exists(Path.of("..").resolve(name)),
          "rtl/README.md names " + name + ", which does not exist");
    }
    assertTrue(count > 0, "the README names no file");
  }
}
