package org.halfulp.cli;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.halfulp.sweep.SweepStore;

/**
 * A small sweep whose numbers are known: the format of all tensors by the step size. The finer
 * format is better by a tenth and costs twice as much; of the three units one is verified, one
 * differs, one was not looked at.
 */
final class SweepStoreFixture {
  private static final String[] FORMATS = {"e2m1", "e4m3fn", "q2.6"};
  private static final double[] LOSSES = {.5, .4, .45};
  private static final int[] LUTS = {100, 200, 300};

  private SweepStoreFixture() {}

  static void write(Path folder, String nasty) throws SQLException {
    SweepStore.write(folder).close();
    try (Connection db = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("sweep.db"))) {
      db.setAutoCommit(false);
      add(
          db,
          "sweep",
          "id s",
          "name formats",
          "base name: formats",
          "space {}",
          "objectives average_train_loss luts",
          "changed 2026-11-25T00:00:00Z");
      add(
          db,
          "invocation",
          "id 1",
          "sweep s",
          "command halfulp sweep formats.yaml",
          "versions {\"halfulp\":\"1\"}",
          "jobs 2",
          "started 2026-11-25T00:00:00Z",
          "ended 2026-11-25T00:01:00Z",
          "seconds {\"train\":12.5}");
      for (int f = 0; f < FORMATS.length; f++) {
        String unit = "unit" + f;
        add(
            db,
            "hardware",
            "id " + unit,
            "top sgd_update",
            "lanes 1",
            "description u",
            "parameters {\"KIND\":\"1\",\"FUSED\":\"1\"}");
        add(db, "cost", "hardware " + unit, "target ice40", "status done");
        for (String name :
            List.of("lut", "luts")) { // as the store names it, and as its reader does
          add(
              db,
              "figure",
              "hardware " + unit,
              "name " + name,
              "value " + LUTS[f],
              "unit cells",
              "tool yosys",
              "version Yosys 0.23");
        }
        for (int e = 0; e < 2; e++) {
          String id = "point" + f + e + "0000000";
          double loss = LOSSES[f] * (e == 0 ? 1 : 1.25);
          add(
              db,
              "point",
              "id " + id,
              "sweep s",
              "number " + (2 * f + e),
              "settings {\"format\":\"%s\",\"step_size\":\"2^-%d\"}".formatted(FORMATS[f], 5 + e),
              "hardware " + unit,
              "state_bits 32");
          for (int seed = 1; seed <= 2; seed++) {
            String training = id + seed;
            add(
                db,
                "member",
                "point " + id,
                "seed " + seed,
                "training " + training,
                "reference exact" + seed);
            train(db, training, loss + (seed == 1 ? -.01 : .01));
          }
        }
      }
      train(db, "exact1", .38);
      train(db, "exact2", .39);
      add(db, "verification", "hardware unit0", "status done", "compared 1000");
      add(db, "verification", "hardware unit1", "status differs", "compared 7", "differing 1");
      add(
          db,
          "point",
          "id broken0000",
          "sweep s",
          "number 6",
          "settings {\"format\":\"e9m9\",\"step_size\":\"2^-5\"}",
          "problem " + nasty);
      db.commit();
    }
  }

  private static void train(Connection db, String id, double loss) throws SQLException {
    add(
        db,
        "training",
        "id " + id,
        "status done",
        "epochs 2",
        "steps 20",
        "train_loss " + loss,
        "average_train_loss " + loss,
        "average_risk " + loss / 4,
        "average_risk_theory 0.1");
    for (int epoch = 1; epoch <= 2; epoch++) {
      add(
          db,
          "epoch",
          "training " + id,
          "epoch " + epoch,
          "steps " + 10 * epoch,
          "train_loss " + loss * (3 - epoch),
          "average_train_loss " + loss * (3 - epoch));
    }
  }

  /** A row by its columns; others that must have a value get 0 or an empty text. */
  private static void add(Connection db, String table, String... cells) throws SQLException {
    Map<String, String> row = new LinkedHashMap<>();
    for (String cell : cells) {
      int blank = cell.indexOf(' ');
      row.put(cell.substring(0, blank), cell.substring(blank + 1));
    }
    List<String> names = new ArrayList<>();
    List<String> values = new ArrayList<>();
    try (Statement s = db.createStatement();
        ResultSet r = s.executeQuery("PRAGMA table_info(" + table + ")")) {
      while (r.next()) {
        String name = r.getString("name");
        String given = row.remove(name);
        if (given != null || r.getInt("notnull") == 1) {
          names.add(name);
          values.add(given != null ? given : r.getString("type").equals("TEXT") ? "" : "0");
        }
      }
    }
    if (row.isEmpty()) {
      String places = "?, ".repeat(names.size() - 1) + "?";
      String sql =
          "INSERT INTO %s (%s) VALUES (%s)".formatted(table, String.join(", ", names), places);
      try (PreparedStatement insert = db.prepareStatement(sql)) {
        for (int i = 0; i < values.size(); i++) {
          insert.setString(i + 1, values.get(i));
        }
        insert.executeUpdate();
        return;
      }
    }
    throw new SQLException(table + " has no columns " + row.keySet());
  }
}
