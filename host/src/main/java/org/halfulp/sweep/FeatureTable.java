package org.halfulp.sweep;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.csv.CSVRecord;
import org.halfulp.input.InputException;
import org.halfulp.learn.Runs;

/** The table of a {@link FeatureExperiment} in its folder. */
public final class FeatureTable {
  private static final String[] COLUMNS = {
    "point",
    "series",
    "p",
    "d",
    "n",
    "decay",
    "runs",
    "normal",
    "normal_error",
    "normal_theory",
    "sign",
    "sign_error",
    "sign_theory",
    "limit",
    "difference",
    "difference_error"
  };

  private final ExperimentFolder folder;
  private final FeatureExperiment experiment;
  private final List<FeatureExperiment.Row> rows = new ArrayList<>();

  /**
   * @throws InputException if the folder holds something else or cannot be written
   */
  public FeatureTable(Path folder, FeatureExperiment experiment, long seed) {
    this.experiment = experiment;
    Map<String, Object> what = new LinkedHashMap<>();
    what.put("experiment", experiment.name());
    what.put("title", experiment.title());
    what.put("runs", experiment.runs());
    what.put("tests", experiment.fit().tests());
    what.put("seed", seed);
    what.put("points", experiment.points().stream().map(Object::toString).toList());
    experiment.settings().describe(what);
    this.folder = new ExperimentFolder(folder, what, COLUMNS);
    this.folder.read(
        r -> {
          int point = Integer.parseInt(r.get("point"));
          if (point < 0 || point >= experiment.points().size()) {
            throw new IllegalArgumentException("an unknown point");
          }
          rows.add(
              new FeatureExperiment.Row(
                  experiment.points().get(point),
                  Integer.parseInt(r.get("runs")),
                  estimate(r, "normal"),
                  ExperimentFolder.number(r, "normal_theory"),
                  estimate(r, "sign"),
                  ExperimentFolder.number(r, "sign_theory"),
                  ExperimentFolder.number(r, "limit"),
                  estimate(r, "difference")));
        });
  }

  static Runs.Estimate estimate(CSVRecord r, String column) {
    return new Runs.Estimate(
        ExperimentFolder.number(r, column), ExperimentFolder.number(r, column + "_error"));
  }

  public boolean has(FeatureExperiment.Point point) {
    return rows.stream().anyMatch(r -> r.point() == point);
  }

  public List<FeatureExperiment.Row> rows() {
    return List.copyOf(rows);
  }

  /** Adds a row, which is in the file when this returns. */
  public void add(FeatureExperiment.Row row) {
    rows.add(row);
    folder.write(cells());
  }

  private List<Object[]> cells() {
    List<Object[]> all = new ArrayList<>();
    for (FeatureExperiment.Row r : rows) {
      all.add(
          new Object[] {
            experiment.points().indexOf(r.point()),
            r.point().series(),
            r.point().width(),
            r.point().inputs(),
            r.point().samples(),
            r.point().decay(),
            r.runs(),
            r.normal().mean(),
            r.normal().standardError(),
            r.normalInTheory(),
            r.sign().mean(),
            r.sign().standardError(),
            r.signInTheory(),
            r.limit(),
            r.difference().mean(),
            r.difference().standardError()
          });
    }
    return all;
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
