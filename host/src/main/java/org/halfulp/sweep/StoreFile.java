package org.halfulp.sweep;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.halfulp.input.InputException;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteErrorCode;

/**
 * The SQLite file of a sweep. One process writes, in a thread of its own that commits what has
 * gathered, and only what is on the disk is acknowledged; any number of processes read meanwhile.
 */
final class StoreFile implements AutoCloseable {
  /** The file's name in the sweep's folder. */
  static final String NAME = "sweep.db";

  private static final String LOCK = "sweep.lock";
  private static final int VERSION = 3;
  private static final int GATHERED = 500;
  private static final int WAITING = 4 * GATHERED;
  private static final int BUSY_MILLIS = 20_000;

  /** Statements on the writer's connection. */
  @FunctionalInterface
  interface Write {
    void on(StoreFile file) throws SQLException;
  }

  /** A question on the reader's connection. */
  @FunctionalInterface
  interface Read<T> {
    T on(StoreFile file) throws SQLException;
  }

  private record Waiting(Write write, CompletableFuture<Void> durable) {}

  private static final Waiting END = new Waiting(null, null);

  private final Path file;
  private final FileChannel lock; // null: for reading only
  private final Connection connection;
  private final Map<String, PreparedStatement> prepared = new HashMap<>();
  private final BlockingQueue<Waiting> queue = new ArrayBlockingQueue<>(WAITING);
  private StoreFile reader; // a second connection to the same file
  private Thread writer;
  private volatile InputException broken;

  private StoreFile(Path file, FileChannel lock, Connection connection) {
    this.file = file;
    this.lock = lock;
    this.connection = connection;
  }

  /** Makes or opens the store of {@code folder} to write; no other process may do so. */
  static StoreFile write(Path folder, List<String> schema) {
    Path path = folder.resolve(NAME);
    try {
      if (Files.exists(folder) && !Files.isDirectory(folder)) {
        throw new InputException(folder + " is not a folder; choose another with --out");
      }
      if (!Files.exists(path)) {
        RunFolder.checkFree(Files.exists(folder.resolve(LOCK)) ? null : folder);
      }
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new InputException(
          "the folder %s cannot be made (%s); choose another with --out"
              .formatted(folder, RunFolder.why(e)));
    }
    FileChannel lock = lock(folder);
    try {
      StoreFile store = new StoreFile(path, lock, connect(path, false));
      store.prepare(schema);
      store.reader = new StoreFile(path, null, connect(path, true));
      store.writer = new Thread(store::work, "store");
      store.writer.start();
      return store;
    } catch (SQLException e) {
      unlock(lock);
      throw problem(path, e);
    } catch (RuntimeException e) {
      unlock(lock);
      throw e;
    }
  }

  /** Opens the store of {@code folder} to read, whether or not somebody writes. */
  static StoreFile read(Path folder) {
    Path path = folder.resolve(NAME);
    if (!Files.isRegularFile(path)) {
      throw new InputException(
          "%s holds no sweep (no %s in it); give the folder that 'halfulp sweep --out' wrote"
              .formatted(folder, NAME));
    }
    try {
      StoreFile store = new StoreFile(path, null, connect(path, true));
      if (store.version() == 0 && store.isEmpty()) {
        throw new InputException(
            "%s has no tables: the sweep ended before it had any; run it again".formatted(path));
      }
      store.checkVersion();
      store.reader = store;
      return store;
    } catch (SQLException e) {
      throw problem(path, e);
    }
  }

  private static FileChannel lock(Path folder) {
    FileChannel channel = null;
    try {
      channel =
          FileChannel.open(
              folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      FileLock lock;
      try {
        lock = channel.tryLock();
      } catch (OverlappingFileLockException e) {
        lock = null;
      }
      if (lock == null) {
        unlock(channel);
        throw new InputException(
            "%s is in use: another sweep writes to it; wait for it, or choose another folder with --out"
                .formatted(folder));
      }
      return channel;
    } catch (IOException e) {
      unlock(channel);
      throw new InputException(
          "%s cannot be written (%s); choose another folder with --out"
              .formatted(folder, RunFolder.why(e)));
    }
  }

  private static void unlock(FileChannel channel) {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      // the lock ends with the process
    }
  }

  private static Connection connect(Path path, boolean toRead) throws SQLException {
    SQLiteConfig config = new SQLiteConfig();
    config.setBusyTimeout(BUSY_MILLIS);
    if (!toRead) {
      config.setJournalMode(SQLiteConfig.JournalMode.WAL);
      config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
    }
    Connection made = config.createConnection("jdbc:sqlite:" + path.toAbsolutePath());
    if (toRead) {
      try (Statement s = made.createStatement()) {
        s.execute("PRAGMA query_only = 1");
      }
    }
    return made;
  }

  private void prepare(List<String> schema) throws SQLException {
    if (version() == 0 && isEmpty()) {
      connection.setAutoCommit(false);
      try (Statement s = connection.createStatement()) {
        for (String table : schema) {
          s.execute(table);
        }
        s.execute("PRAGMA user_version = " + VERSION);
      }
      connection.commit();
    } else {
      checkVersion();
      connection.setAutoCommit(false);
    }
  }

  private int version() throws SQLException {
    try (Statement s = connection.createStatement();
        ResultSet r = s.executeQuery("PRAGMA user_version")) {
      return r.getInt(1);
    }
  }

  private boolean isEmpty() throws SQLException {
    try (Statement s = connection.createStatement();
        ResultSet r = s.executeQuery("SELECT count(*) FROM sqlite_master")) {
      return r.getInt(1) == 0;
    }
  }

  private void checkVersion() throws SQLException {
    if (version() != VERSION) {
      throw new InputException(
          "%s is not a store of this HalfUlp (version %d, here %d); choose another folder"
              .formatted(file, version(), VERSION));
    }
  }

  private static InputException problem(Path file, SQLException e) {
    return new InputException(
        "the store %s cannot be used: %s; %s"
            .formatted(
                file,
                String.valueOf(e.getMessage()).lines().findFirst().orElse(""),
                (e.getErrorCode() & 0xff) == SQLiteErrorCode.SQLITE_BUSY.code
                    ? "another program keeps it locked: end that one, then run this again"
                    : "is the disk full, or the file of another program?"),
        e);
  }

  /** Adds a write to those that are committed next; complete when it is on the disk. */
  CompletableFuture<Void> write(Write write) {
    CompletableFuture<Void> durable = new CompletableFuture<>();
    if (broken != null) {
      durable.completeExceptionally(broken);
      return durable;
    }
    try {
      queue.put(new Waiting(write, durable));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
    return durable;
  }

  private void work() {
    List<Waiting> batch = new ArrayList<>();
    try {
      while (true) {
        batch.clear();
        batch.add(queue.take());
        queue.drainTo(batch, GATHERED);
        int end = batch.indexOf(END);
        List<Waiting> now = end < 0 ? batch : batch.subList(0, end);
        commit(now);
        if (end >= 0) {
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void commit(List<Waiting> batch) {
    if (broken == null) {
      try {
        for (Waiting w : batch) {
          w.write.on(this);
        }
        connection.commit();
        batch.forEach(w -> w.durable.complete(null));
        return;
      } catch (SQLException | RuntimeException e) {
        broken =
            e instanceof InputException input
                ? input
                : e instanceof SQLException sql
                    ? problem(file, sql)
                    : new InputException("the store " + file + " cannot be used: " + e, e);
        try {
          connection.rollback();
        } catch (SQLException again) {
          e.addSuppressed(again);
        }
      }
    }
    batch.forEach(w -> w.durable.completeExceptionally(broken));
  }

  /** Writes with another store in sight, as {@code other}; ends when it is on the disk. */
  void attach(Path folder, Write write) {
    try {
      write(
              f -> {
                // no transaction may be open around ATTACH
                connection.setAutoCommit(true);
                try {
                  change("ATTACH DATABASE ? AS other", folder.resolve(NAME).toString());
                  connection.setAutoCommit(false);
                  write.on(f);
                  connection.commit();
                } finally {
                  prepared.values().forEach(StoreFile::close);
                  prepared.clear();
                  connection.rollback();
                  connection.setAutoCommit(true);
                  change("DETACH DATABASE other");
                  connection.setAutoCommit(false);
                }
              })
          .join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException r ? r : e;
    }
  }

  private static void close(Statement s) {
    try {
      s.close();
    } catch (SQLException e) {
      // it is not used again
    }
  }

  /** Asks what is committed; one question at a time. */
  <T> T ask(Read<T> question) {
    synchronized (reader) {
      try {
        return question.on(reader);
      } catch (SQLException e) {
        throw problem(file, e);
      }
    }
  }

  /** A statement with its parameters, null allowed. */
  PreparedStatement statement(String sql, Object... parameters) throws SQLException {
    PreparedStatement s = prepared.get(sql);
    if (s == null) {
      s = connection.prepareStatement(sql);
      prepared.put(sql, s);
    }
    for (int i = 0; i < parameters.length; i++) {
      Object p = parameters[i];
      s.setObject(i + 1, p instanceof Double d && d.isNaN() ? null : p);
    }
    return s;
  }

  /** Changes rows. */
  void change(String sql, Object... parameters) throws SQLException {
    statement(sql, parameters).executeUpdate();
  }

  @Override
  public void close() {
    try {
      if (writer != null) {
        queue.put(END);
        writer.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    try {
      if (reader != this && reader != null) {
        reader.connection.close();
      }
      connection.close();
    } catch (SQLException e) {
      // all that was acknowledged is on the disk
    } finally {
      unlock(lock);
    }
  }
}
