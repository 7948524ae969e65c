import java.sql.DriverManager;

/** What a tool reads of a model over JDBC, as lines of cells between tabs: java -cp trino-jdbc.jar JdbcRead.java URL SCHEMA TABLE. */
class JdbcRead {
  public static void main(String[] words) throws Exception {
    try (var connection = DriverManager.getConnection(words[0])) {
      var told = connection.getMetaData();
      try (var tables = told.getTables(connection.getCatalog(), words[1], "%", null)) {
        while (tables.next())
          print("table", tables.getString("TABLE_NAME"), tables.getString("TABLE_TYPE"), tables.getString("REMARKS"));
      }
      try (var columns = told.getColumns(connection.getCatalog(), words[1], words[2], "%")) {
        while (columns.next()) print("column", columns.getString("COLUMN_NAME"), columns.getString("TYPE_NAME"));
      }
      try (var statement = connection.createStatement();
          var rows = statement.executeQuery("select * from \"%s\".\"%s\"".formatted(words[1], words[2]))) {
        while (rows.next()) {
          var cells = new Object[rows.getMetaData().getColumnCount() + 1];
          cells[0] = "row";
          for (int i = 1; i < cells.length; i++) cells[i] = rows.getObject(i);
          print(cells);
        }
      }
    }
  }

  /** `\N` is null. */
  static void print(Object... cells) {
    var line = new StringBuilder();
    for (var cell : cells) line.append(line.isEmpty() ? "" : "\t").append(cell == null ? "\\N" : cell);
    System.out.println(line);
  }
}
