// What the page does: draws its figures, sorts its tables, hands out files.
(function () {
  var figures = JSON.parse(document.getElementById('figures').textContent);
  var night = window.matchMedia('(prefers-color-scheme: dark)');
  var charts = [];

  function escaped(text) {
    return echarts.format.encodeHTML(String(text));
  }

  function hover(params) {
    var list = Array.isArray(params) ? params : [params];
    list = list.filter(function (p) { return p.seriesType !== 'custom'; });
    if (!list.length) return '';
    var own = list[0].data && list[0].data.hover;
    if (own) return own.map(escaped).join('<br>');
    var rows = list.filter(function (p) { return p.value && p.value[1] != null; });
    return escaped(numberText(list[0].value[0])) + rows.map(function (p) {
      return '<br>' + p.marker + escaped(p.seriesName) + ' <b>' + numberText(p.value[1]) + '</b>';
    }).join('');
  }

  function save(name, type, text) {
    var link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([text], {type: type}));
    link.download = name;
    link.click();
    setTimeout(function () { URL.revokeObjectURL(link.href); }, 1000);
  }

  /** Puts a command on the clipboard and says so below the figure. */
  function copy(figure, command) {
    var said = figure.querySelector('.said');
    said.textContent = command;
    said.title = 'copied';
    said.hidden = false;
    function byHand() { // what browsers do without permission: the user takes the selected text
      var range = document.createRange();
      range.selectNodeContents(said);
      var selection = window.getSelection();
      selection.removeAllRanges();
      selection.addRange(range);
      document.execCommand('copy');
    }
    if (navigator.clipboard) navigator.clipboard.writeText(command).catch(byHand);
    else byHand();
  }

  function copyOf(option) {
    return JSON.parse(JSON.stringify(option));
  }

  function draw(figure) {
    var box = figure.querySelector('.chart');
    var plain = figures[figure.id].option;
    var option = prepare(copyOf(plain));
    var colors = seriesColors(plain);
    option.backgroundColor = 'transparent';
    option.legend = {show: false};
    option.tooltip = Object.assign({formatter: hover, confine: true}, option.tooltip);
    var off = {};

    function make(theme, width) {
      var chart = echarts.init(box, theme, {renderer: 'svg', width: width});
      option.legend.selected = off;
      halo(option, theme ? '#14171b' : '#ffffff');
      chart.setOption(option);
      chart.on('click', function (event) {
        if (event.data && event.data.command) copy(figure, event.data.command);
      });
      return chart;
    }

    var entry = {chart: make(night.matches ? 'dark' : null), make: make};
    charts.push(entry);
    figure.querySelectorAll('.legend button').forEach(function (button) {
      var name = button.textContent;
      button.style.setProperty('--color', colors[name]);
      var shown = plain.series.find(function (s) { return s.name === name; });
      button.className = shown.type === 'line' ? shown.lineStyle.type : shown.symbol === 'emptyDiamond' ? 'diamond' : 'mark';
      button.addEventListener('click', function () {
        off[name] = off[name] === false;
        button.setAttribute('aria-pressed', String(off[name]));
        entry.chart.setOption({legend: {selected: off}});
      });
    });
    figure.querySelector('.save').addEventListener('click', function () {
      var svg = pictureOf(figures[figure.id].title, figures[figure.id].from, copyOf(plain), 760, box.clientHeight);
      save(figure.id + '.svg', 'image/svg+xml', svg);
    });
  }

  function again(theme, width) {
    charts.forEach(function (entry) {
      entry.chart.dispose();
      entry.chart = entry.make(theme, width);
    });
  }

  function byTheme() {
    again(night.matches ? 'dark' : null);
  }

  function valueOf(cell) {
    return cell.dataset.v || cell.textContent;
  }

  function sortable(section) {
    var table = section.querySelector('table');
    var heads = Array.from(table.querySelectorAll('th'));
    heads.forEach(function (head, column) {
      head.firstChild.addEventListener('click', function () {
        var down = head.getAttribute('aria-sort') === 'ascending';
        heads.forEach(function (h) { h.removeAttribute('aria-sort'); });
        head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
        var body = table.tBodies[0];
        var rows = Array.from(body.rows).map(function (row) {
          var text = valueOf(row.cells[column]);
          return {row: row, text: text, number: text === '' ? NaN : Number(text)};
        });
        rows.sort(function (a, b) { // empty cells last, either way
          if ((a.text === '') !== (b.text === '')) return a.text === '' ? 1 : -1;
          var bothNumbers = a.number === a.number && b.number === b.number;
          var order = bothNumbers ? a.number - b.number : a.text.localeCompare(b.text);
          return down ? -order : order;
        });
        rows.forEach(function (r) { body.appendChild(r.row); });
      });
    });
    section.querySelector('.save').addEventListener('click', function () {
      var lines = Array.from(table.rows).map(function (row) {
        return Array.from(row.cells).map(function (cell) {
          var text = valueOf(cell);
          return /[",\n]/.test(text) ? '"' + text.replace(/"/g, '""') + '"' : text;
        }).join(',');
      });
      save(section.id + '.csv', 'text/csv', lines.join('\n') + '\n');
    });
  }

  document.querySelectorAll('figure').forEach(function (figure) {
    if (figures[figure.id]) draw(figure);
  });
  document.querySelectorAll('section.table').forEach(sortable);
  night.addEventListener('change', byTheme);
  window.addEventListener('beforeprint', function () { again(null, 680); });
  window.addEventListener('afterprint', byTheme);
  window.addEventListener('resize', function () {
    charts.forEach(function (entry) { entry.chart.resize(); });
  });
})();
