#include "daemon/commands/top_frame.hpp"

#include "daemon/commands/common.hpp"
#include "daemon/commands/human_figures.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

namespace postern::daemon::commands {
namespace {

constexpr std::size_t kTitleWidth = 10;
constexpr std::size_t kGapWidth = 2;
// Endpoints are why people look, but gateways must be seen as well.
constexpr std::size_t kGatewayRowsMin = 5;

using Lines = std::vector<std::string>;
using Cells = std::vector<std::string>;

void pad(std::string& text, std::size_t width) {
    if (text.size() < width) text.resize(width, ' ');
}

std::string seconds_text(double seconds) {
    return duration_text(std::chrono::duration<double>{seconds});
}

std::string text_of(const Figure& figure) {
    if (!figure.value) return "-";
    switch (figure.unit) {
        case FigureUnit::count: return count_text(*figure.value);
        case FigureUnit::per_second: return count_text(*figure.value) + "/s";
        case FigureUnit::seconds: return seconds_text(*figure.value);
        case FigureUnit::bytes: break;
    }
    return bytes_text(*figure.value);
}

std::string rate_cell(std::optional<double> rate) {
    return rate ? count_text(*rate) : "-";
}

// Who it is on the left, what the rates are over on the right.
std::string head_line(const TopView& view, const FrameSize& size) {
    std::string left = "postern";
    if (!view.version.empty()) left += ' ' + view.version;
    left += "  " + view.state;
    if (view.uptime_seconds == 0) return left;
    left += "  up " + seconds_text(std::floor(view.uptime_seconds));
    const std::string right = "rates over " + seconds_text(view.span_seconds);
    const std::size_t needed = left.size() + right.size() + kGapWidth;
    if (needed <= size.columns) left.append(size.columns - left.size() - right.size(), ' ');
    return needed <= size.columns ? left + right : left;
}

void append_group(const FigureGroup& group, const FrameSize& size, Lines& lines) {
    std::string line{group.title};
    pad(line, kTitleWidth);
    std::size_t in_line = 0;
    for (const Figure& figure : group.figures) {
        std::string text{figure.name};
        text += ' ';
        text += text_of(figure);
        if (in_line > 0 && line.size() + kGapWidth + text.size() > size.columns) {
            lines.push_back(std::exchange(line, std::string(kTitleWidth, ' ')));
            in_line = 0;
        }
        if (in_line > 0) line.append(kGapWidth, ' ');
        line += text;
        ++in_line;
    }
    lines.push_back(std::move(line));
}

// The first row is the titles. The first column is text, the others up to `numbers` are numbers.
Lines table_lines(const std::vector<Cells>& rows, std::size_t numbers) {
    std::vector<std::size_t> widths(rows.front().size(), 0);
    for (const Cells& cells : rows) {
        for (std::size_t i = 0; i < cells.size(); ++i) {
            widths[i] = std::max(widths[i], cells[i].size());
        }
    }
    Lines lines;
    for (const Cells& cells : rows) {
        std::string line;
        for (std::size_t i = 0; i < cells.size(); ++i) {
            const std::string blank(widths[i] - cells[i].size(), ' ');
            if (i > 0) line.append(kGapWidth, ' ');
            line += i > 0 && i <= numbers ? blank + cells[i] : cells[i] + blank;
        }
        while (line.ends_with(' ')) line.pop_back();
        lines.push_back(std::move(line));
    }
    return lines;
}

Lines gateway_lines(const std::vector<GatewayRow>& gateways) {
    std::vector<Cells> rows{
        {"GATEWAY", "RECEIVED/s", "REFUSED/s", "DUPLICATES/s", "SHED/s", "EVER"}};
    for (const GatewayRow& row : gateways) {
        rows.push_back(
            {printable(row.id),
             count_text(row.received),
             count_text(row.refused),
             count_text(row.duplicates),
             count_text(row.shed),
             count_text(row.received_ever)}
        );
    }
    return table_lines(rows, rows.front().size());
}

Lines endpoint_lines(const std::vector<EndpointRow>& endpoints) {
    std::vector<Cells> rows{{"ENDPOINT", "ATTEMPTS/s", "FAILED/s", "TAKES", "STATE", "URL"}};
    for (const EndpointRow& row : endpoints) {
        rows.push_back(
            {printable(row.id),
             rate_cell(row.attempts),
             rate_cell(row.failures),
             row.seconds ? seconds_text(*row.seconds) : "-",
             row.state.empty() ? "-" : printable(row.state),
             row.url.empty() ? "-" : printable(row.url)}
        );
    }
    return table_lines(rows, 3);
}

// As many of the table's lines as there is room for, behind an empty one.
void append_table(Lines table, std::size_t room, Lines& lines) {
    constexpr std::size_t kTitleAndGap = 2;
    if (table.size() < kTitleAndGap || room <= kTitleAndGap) return;
    table.resize(std::min(table.size(), room - 1));
    lines.emplace_back();
    std::move(table.begin(), table.end(), std::back_inserter(lines));
}

std::size_t room_left(const Lines& lines, const FrameSize& size) {
    return size.rows - std::min(lines.size(), size.rows);
}

}  // namespace

std::vector<std::string> frame_lines(const TopView& view, const FrameSize& size) {
    Lines lines{head_line(view, size)};
    if (!view.notice.empty()) lines.push_back(view.notice);
    lines.emplace_back();
    for (const FigureGroup& group : view.groups) append_group(group, size, lines);
    Lines endpoints = endpoint_lines(view.endpoints);
    const std::size_t room = room_left(lines, size);
    const std::size_t wanted = view.endpoints.empty() ? 0 : endpoints.size() + 1;
    const std::size_t for_gateways =
        std::max(std::min(kGatewayRowsMin + 2, room / 2), room - std::min(wanted, room));
    append_table(gateway_lines(view.gateways), for_gateways, lines);
    append_table(std::move(endpoints), room_left(lines, size), lines);
    if (lines.size() > size.rows) lines.resize(size.rows);
    for (std::string& line : lines) {
        line = printable(line);
        if (line.size() > size.columns) line.resize(size.columns);
    }
    return lines;
}

}  // namespace postern::daemon::commands
