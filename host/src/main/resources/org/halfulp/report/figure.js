// What a figure looks like, for the page and for files: turns an option made of plain data into one
// that ECharts can draw. Runs in a browser and in Rhino.
'use strict';

var PALETTE = // told apart by the colour-blind too (Okabe and Ito)
    ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#a6761d', '#7570b3',
     '#00405f', '#7a3600', '#005c43', '#7d4266', '#8c6100', '#2b7aa8'];
var REFERENCE = '#808080';

function numberText(v) {
  if (typeof v !== 'number') return String(v);
  var size = Math.abs(v);
  if (size !== 0 && (size >= 1e6 || size < 1e-3)) {
    return v.toExponential(3).replace(/\.?0+e/, 'e').replace('e+', 'e');
  }
  return String(Number(v.toPrecision(5)));
}

/** Names of the series in their order, each with its colour. */
function seriesColors(option) {
  var colors = {};
  var next = 0;
  (option.series || []).forEach(function (s) {
    if (s.name === undefined || colors[s.name]) return;
    colors[s.name] = s.colorOf ? colors[s.colorOf] : s.reference ? REFERENCE : PALETTE[next++ % PALETTE.length];
  });
  return colors;
}

function drawBar(params, api) {
  var low = api.coord([api.value(0), api.value(1)]);
  var high = api.coord([api.value(0), api.value(2)]);
  var stroke = {stroke: api.visual('color'), lineWidth: 1.5};
  function line(x1, y1, x2, y2) {
    return {type: 'line', shape: {x1: x1, y1: y1, x2: x2, y2: y2}, style: stroke};
  }
  return {type: 'group', silent: true, children: [
    line(low[0], low[1], high[0], high[1]),
    line(low[0] - 3, low[1], low[0] + 3, low[1]),
    line(high[0] - 3, high[1], high[0] + 3, high[1])]};
}

function prepareAxis(axis, vertical) {
  if (axis.type !== 'category') {
    axis.axisLabel = Object.assign({formatter: numberText}, axis.axisLabel);
  }
  axis.axisLabel = Object.assign({hideOverlap: true}, axis.axisLabel);
  axis.nameLocation = 'middle';
  if (vertical) axis.nameRotate = 90;
  axis.axisLine = {show: true};
}

var SHADES = ['#440154', '#31688e', '#35b779', '#fde725']; // viridis: also in grey, and for all eyes

var LINES = ['#0072b2', '#56b4e9', '#e69f00', '#d55e00']; // seen on white and on black

function barText(params) {
  return numberText(Number(params.value.toPrecision(3)));
}

function prepareCells(series, range) {
  series.label = {show: true};
  series.data.forEach(function (item) {
    var bright = (item.value[2] - range.min) / (range.max - range.min) > 0.6;
    item.label = {color: bright ? '#000' : '#fff', formatter: numberText(item.value[3])};
  });
  series.itemStyle = {borderWidth: 1, borderColor: 'rgba(128, 128, 128, 0.4)'};
}

/** Keeps labels readable on the lines below them. */
function halo(option, back) {
  (option.parallelAxis || []).forEach(function (axis) {
    axis.axisLabel.textBorderColor = back;
    axis.axisLabel.textBorderWidth = 3;
  });
}

/** Completes an option in place. */
function prepare(option) {
  var colors = seriesColors(option);
  option.animation = false;
  option.color = PALETTE;
  option.grid = Object.assign(
      {left: 12, right: 20, top: 16, bottom: 12, outerBoundsMode: 'same', outerBoundsContain: 'all'},
      option.grid);
  if (option.visualMap) option.visualMap.inRange = {color: option.parallelAxis ? LINES : SHADES};
  if (option.parallelAxis) {
    option.parallel = {left: 48, right: 72, top: 40, bottom: 24}; // half a name of the last axis
    option.parallelAxis.forEach(function (axis) {
      axis.axisLabel = Object.assign(
          {hideOverlap: true}, axis.type === 'category' ? {} : {formatter: numberText}, axis.axisLabel);
      axis.nameTextStyle = {fontSize: 12};
      delete axis.splitLine;
    });
  }
  if (option.xAxis) prepareAxis(option.xAxis, false);
  if (option.yAxis) prepareAxis(option.yAxis, true);
  (option.series || []).forEach(function (s) {
    if (colors[s.name]) {
      s.itemStyle = Object.assign({color: colors[s.name]}, s.itemStyle);
      s.lineStyle = Object.assign({color: colors[s.name]}, s.lineStyle);
    }
    if (s.reference) s.z = 1; // behind the others
    if (s.drawing === 'cells') prepareCells(s, option.visualMap);
    if (s.drawing === 'named') {
      s.itemStyle = {color: PALETTE[0]};
      s.label = {show: true, position: 'right', formatter: barText};
    }
    if (s.drawing === 'bars') s.renderItem = drawBar;
  });
  return option;
}

/** The text of an SVG: the figure with title and legend, on white; it says where it is from. */
function pictureOf(title, from, option, width, height) {
  prepare(option);
  var colors = seriesColors(option);
  var names = Object.keys(colors);
  var longest = Math.max.apply(null, names.map(function (n) { return n.length; }));
  halo(option, '#ffffff');
  option.backgroundColor = '#ffffff';
  option.title = {text: title, left: 12, top: 6, textStyle: {fontSize: 14}};
  option.grid.top = 44;
  if (option.parallel) option.parallel.top = 80;
  if (names.length > 1) {
    var room = Math.min(260, 64 + 8 * longest); // fonts differ from ours, so with some to spare
    option.legend = {orient: 'vertical', left: width - room, top: 44, itemWidth: 30, itemHeight: 8,
      data: names.map(function (name) {
        var own = option.series.filter(function (s) { return s.name === name; });
        var isLine = own.every(function (s) { return s.type === 'line'; });
        var hollow = {emptyDiamond: 'M5 0L10 5L5 10L0 5Z', emptyCircle: 'M5 0A5 5 0 1 1 5 10A5 5 0 1 1 5 0Z'}[own[0].symbol];
        if (hollow) { // which a legend would draw as wide as a line
          return {name: name, icon: 'path://' + hollow,
            itemStyle: {color: '#ffffff', borderColor: colors[name], borderWidth: 2}};
        }
        return isLine ? {name: name, itemStyle: {opacity: 0}} : {name: name, icon: 'circle'};
      })};
    option.grid.right = room + 12;
  }
  var chart = echarts.init(null, null, {renderer: 'svg', ssr: true, width: width, height: height});
  chart.setOption(option);
  var svg = chart.renderToSVGString();
  chart.dispose();
  var desc = '<desc>' + echarts.format.encodeHTML(from) + '</desc>';
  return svg // what happens under a mouse is for pages
      .replace(/<style[^]*?<\/style>\s*/, '')
      .replace(/<path[^>]* stroke="[^"]*" stroke-width="0"[^>]*><\/path>\s*/g, '')
      .replace(/ (class|pointer-events)="[^"]*"/g, '')
      .replace(/^<svg[^>]*>/, function (tag) { return tag + '\n' + desc; });
}
