#include "daemon/commands/human_figures.hpp"

#include <array>
#include <cmath>
#include <cstdio>
#include <string_view>

namespace postern::daemon::commands {
namespace {

constexpr double kMinute = 60;
constexpr double kHour = 60 * kMinute;
constexpr double kDay = 24 * kHour;

// Three digits at most behind which nothing is hidden, and no zeros at the end.
std::string short_number(double value) {
    const double size = std::abs(value);
    int digits = 0;
    if (size < 100) digits = 1;
    if (size < 10) digits = 2;
    if (size == std::floor(size)) digits = 0;
    std::array<char, 64> buffer{};
    const int length = std::snprintf(buffer.data(), buffer.size(), "%.*f", digits, value);
    std::string text{buffer.data(), static_cast<std::size_t>(length)};
    if (text.find('.') == std::string::npos) return text;
    while (text.ends_with('0')) text.pop_back();
    if (text.ends_with('.')) text.pop_back();
    return text;
}

std::string with_unit(double value, std::string_view unit) {
    std::string text = short_number(value);
    text += ' ';
    text += unit;
    return text;
}

struct Unit {
    double size;
    std::string_view name;
};

std::string of_two_units(double seconds, const std::array<Unit, 2>& units) {
    const double whole = std::floor(seconds / units[0].size);
    const double rest = std::floor((seconds - whole * units[0].size) / units[1].size);
    std::string text = with_unit(whole, units[0].name);
    if (rest > 0) text += ' ' + with_unit(rest, units[1].name);
    return text;
}

}  // namespace

std::string count_text(double count) {
    if (std::abs(count) >= 10e6) return short_number(count / 1e6) + "M";
    if (std::abs(count) >= 10e3) return short_number(count / 1e3) + "k";
    return short_number(count);
}

std::string bytes_text(double bytes) {
    constexpr std::array<std::string_view, 5> units = {"B", "KiB", "MiB", "GiB", "TiB"};
    std::size_t unit = 0;
    while (std::abs(bytes) >= 1024 && unit + 1 < units.size()) {
        bytes /= 1024;
        ++unit;
    }
    return with_unit(bytes, units[unit]);
}

std::string duration_text(std::chrono::duration<double> time) {
    const double seconds = time.count();
    if (seconds == 0) return "0 s";
    if (seconds < 1) return with_unit(seconds * 1e3, "ms");
    if (seconds < kMinute) return with_unit(seconds, "s");
    if (seconds < kHour) return of_two_units(seconds, {{{kMinute, "min"}, {1, "s"}}});
    if (seconds < kDay) return of_two_units(seconds, {{{kHour, "h"}, {kMinute, "min"}}});
    return of_two_units(seconds, {{{kDay, "d"}, {kHour, "h"}}});
}

}  // namespace postern::daemon::commands
