package org.halfulp.sweep;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.csv.CSVRecord;
import org.halfulp.input.InputException;
import org.halfulp.learn.Runs;

/** The table of a {@link RiskExperiment} in its folder. */
public final class RiskTable {
  private static final String[] COLUMNS = {
    "series",
    "d",
    "batch",
    "step_size",
    "fraction_bits",
    "steps",
    "average",
    "average_error",
    "average_theory",
    "z",
    "last",
    "last_error",
    "last_theory",
    "diverged",
    "words_compared"
  };

  private final ExperimentFolder folder;
  private final RiskExperiment experiment;
  private final List<RiskExperiment.Row> rows = new ArrayList<>();

  /**
   * @throws InputException if the folder holds something else or cannot be written
   */
  public RiskTable(Path folder, RiskExperiment experiment, long seed) {
    this.experiment = experiment;
    Map<String, Object> what = new LinkedHashMap<>();
    what.put("experiment", experiment.name());
    what.put("title", experiment.title());
    what.put("runs", experiment.runs());
    what.put("seed", seed);
    what.put("steps", experiment.steps());
    what.put("points", experiment.points().stream().map(Object::toString).toList());
    experiment.settings().describe(what);
    this.folder = new ExperimentFolder(folder, what, COLUMNS);
    this.folder.read(this::read);
  }

  private void read(CSVRecord r) {
    Optional<RiskExperiment.Point> point =
        experiment.points().stream()
            .filter(
                p ->
                    p.series().equals(r.get("series"))
                        && p.dimension() == Integer.parseInt(r.get("d"))
                        && p.batch() == Integer.parseInt(r.get("batch"))
                        && p.stepSize() == ExperimentFolder.number(r, "step_size")
                        && p.fractionBits() == Integer.parseInt(r.get("fraction_bits")))
            .findFirst();
    rows.add(
        new RiskExperiment.Row(
            point.orElseThrow(() -> new IllegalArgumentException("an unknown point")),
            Long.parseLong(r.get("steps")),
            new Runs.Estimate(
                ExperimentFolder.number(r, "average"), ExperimentFolder.number(r, "average_error")),
            ExperimentFolder.number(r, "average_theory"),
            new Runs.Estimate(
                ExperimentFolder.number(r, "last"), ExperimentFolder.number(r, "last_error")),
            ExperimentFolder.number(r, "last_theory"),
            Integer.parseInt(r.get("diverged")),
            Long.parseLong(r.get("words_compared"))));
  }

  public boolean has(RiskExperiment.Point point) {
    return rows.stream().anyMatch(r -> r.point() == point);
  }

  public List<RiskExperiment.Row> rows() {
    return List.copyOf(rows);
  }

  /** Adds the rows of a point; they are in the file when this returns. */
  public void add(List<RiskExperiment.Row> more) {
    rows.addAll(more);
    folder.write(cells());
  }

  private List<Object[]> cells() {
    return rows.stream().map(RiskTable::cells).toList();
  }

  private static Object[] cells(RiskExperiment.Row r) {
    return new Object[] {
      r.point().series(),
      r.point().dimension(),
      r.point().batch(),
      r.point().stepSize(),
      r.point().fractionBits(),
      r.steps(),
      r.average().mean(),
      r.average().standardError(),
      r.averageInTheory(),
      r.z(),
      r.last().mean(),
      r.last().standardError(),
      r.lastInTheory(),
      r.diverged(),
      r.wordsCompared()
    };
  }

  /** The table as JSON, a list of objects with the columns of the CSV. */
  public String json() {
    return folder.json(cells());
  }

  /** A finished file beside the table. */
  public void file(String name, String text) {
    folder.file(name, text);
  }
}
