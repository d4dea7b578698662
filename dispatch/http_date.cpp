#include "dispatch/http_date.hpp"

#include "core/numbers.hpp"

#include <array>
#include <cstdint>

namespace postern::dispatch {
namespace {

constexpr std::array<std::string_view, 7> kDays =
    {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
constexpr std::size_t kShortName = 3;
constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
constexpr int kNearYears = 50;  // RFC 9110: a two-digit year further ahead is of the past

// Takes the text apart from the left; the first step that fails makes it broken for good.
class Scanner {
 public:
    explicit Scanner(std::string_view rest) : rest_{rest} {}

    void expect(std::string_view literal) {
        if (!rest_.starts_with(literal)) return fail();
        rest_.remove_prefix(literal.size());
    }

    int number(std::size_t digits) {
        if (broken_ || rest_.size() < digits) return fail(), 0;
        const auto value = parse_unsigned(rest_.substr(0, digits));
        if (!value) return fail(), 0;
        rest_.remove_prefix(digits);
        return static_cast<int>(*value);
    }

    // asctime pads the day with a space.
    int padded_number() {
        if (!rest_.starts_with(' ')) return number(2);
        rest_.remove_prefix(1);
        return number(1);
    }

    unsigned month() {
        if (broken_ || rest_.size() < kShortName) return fail(), 0;
        const std::size_t at = kMonths.find(rest_.substr(0, kShortName));
        if (at == std::string_view::npos || at % kShortName != 0) return fail(), 0;
        rest_.remove_prefix(kShortName);
        return static_cast<unsigned>(at / kShortName) + 1;
    }

    std::chrono::seconds time_of_day() {
        const int hours = number(2);
        expect(":");
        const int minutes = number(2);
        expect(":");
        const int seconds = number(2);
        if (hours > 23 || minutes > 59 || seconds > 60) fail();  // 60: a leap second
        return std::chrono::hours{hours} + std::chrono::minutes{minutes}
               + std::chrono::seconds{seconds};
    }

    bool is_done() const { return !broken_ && rest_.empty(); }

 private:
    void fail() { broken_ = true; }

    std::string_view rest_;
    bool broken_ = false;
};

struct DateParts {
    int year = 0;
    unsigned month = 0;
    int day = 0;
    std::chrono::seconds time{0};
};

std::optional<TimePoint> to_time(const Scanner& scanner, const DateParts& parts) {
    if (!scanner.is_done()) return std::nullopt;
    const std::chrono::year_month_day date{
        std::chrono::year{parts.year},
        std::chrono::month{parts.month},
        std::chrono::day{static_cast<unsigned>(parts.day)}};
    if (!date.ok()) return std::nullopt;
    return TimePoint{std::chrono::sys_days{date}} + parts.time;
}

std::optional<TimePoint> parse_fixdate(std::string_view text) {
    Scanner scanner{text};
    DateParts parts;
    parts.day = scanner.number(2);
    scanner.expect(" ");
    parts.month = scanner.month();
    scanner.expect(" ");
    parts.year = scanner.number(4);
    scanner.expect(" ");
    parts.time = scanner.time_of_day();
    scanner.expect(" GMT");
    return to_time(scanner, parts);
}

int full_year(int two_digits, TimePoint now) {
    const std::chrono::year_month_day today{std::chrono::floor<std::chrono::days>(now)};
    const int this_year = static_cast<int>(today.year());
    const int year = this_year - this_year % 100 + two_digits;
    if (year > this_year + kNearYears) return year - 100;
    return year <= this_year - kNearYears ? year + 100 : year;
}

std::optional<TimePoint> parse_rfc850(std::string_view text, TimePoint now) {
    Scanner scanner{text};
    DateParts parts;
    parts.day = scanner.number(2);
    scanner.expect("-");
    parts.month = scanner.month();
    scanner.expect("-");
    parts.year = full_year(scanner.number(2), now);
    scanner.expect(" ");
    parts.time = scanner.time_of_day();
    scanner.expect(" GMT");
    return to_time(scanner, parts);
}

std::optional<TimePoint> parse_asctime(std::string_view text) {
    Scanner scanner{text};
    DateParts parts;
    parts.month = scanner.month();
    scanner.expect(" ");
    parts.day = scanner.padded_number();
    scanner.expect(" ");
    parts.time = scanner.time_of_day();
    scanner.expect(" ");
    parts.year = scanner.number(4);
    return to_time(scanner, parts);
}

}  // namespace

std::optional<TimePoint> parse_http_date(std::string_view text, TimePoint now) {
    for (const std::string_view day : kDays) {
        const std::string_view short_day = day.substr(0, kShortName);
        if (!text.starts_with(short_day)) continue;
        const std::string_view rest = text.substr(kShortName);
        if (rest.starts_with(", ")) return parse_fixdate(rest.substr(2));
        if (rest.starts_with(" ")) return parse_asctime(rest.substr(1));
        const std::string_view ending = day.substr(kShortName);
        if (!rest.starts_with(ending)) return std::nullopt;
        const std::string_view date = rest.substr(ending.size());
        if (!date.starts_with(", ")) return std::nullopt;
        return parse_rfc850(date.substr(2), now);
    }
    return std::nullopt;
}

}  // namespace postern::dispatch
