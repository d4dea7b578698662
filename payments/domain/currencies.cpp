#include "core/money.hpp"
#include "payments/domain/values.hpp"

#include <algorithm>
#include <array>

namespace postern::payments {
namespace {

// What people pay with. Left out of ISO 4217: metals, test codes, and units of account that no
// payment is made in (CLF, UYI, USN …). ANG and BGN ended in 2025 and 2026 and stay here, because
// payments made in them are still refunded and disputed.
constexpr std::array kCodes = std::to_array<std::string_view>(
    {"aed", "afn", "all", "amd", "ang", "aoa", "ars", "aud", "awg", "azn", "bam", "bbd", "bdt",
     "bgn", "bhd", "bif", "bmd", "bnd", "bob", "brl", "bsd", "btn", "bwp", "byn", "bzd", "cad",
     "cdf", "chf", "clp", "cny", "cop", "crc", "cup", "cve", "czk", "djf", "dkk", "dop", "dzd",
     "egp", "ern", "etb", "eur", "fjd", "fkp", "gbp", "gel", "ghs", "gip", "gmd", "gnf", "gtq",
     "gyd", "hkd", "hnl", "htg", "huf", "idr", "ils", "inr", "iqd", "irr", "isk", "jmd", "jod",
     "jpy", "kes", "kgs", "khr", "kmf", "kpw", "krw", "kwd", "kyd", "kzt", "lak", "lbp", "lkr",
     "lrd", "lsl", "lyd", "mad", "mdl", "mga", "mkd", "mmk", "mnt", "mop", "mru", "mur", "mvr",
     "mwk", "mxn", "myr", "mzn", "nad", "ngn", "nio", "nok", "npr", "nzd", "omr", "pab", "pen",
     "pgk", "php", "pkr", "pln", "pyg", "qar", "ron", "rsd", "rub", "rwf", "sar", "sbd", "scr",
     "sdg", "sek", "sgd", "shp", "sle", "sos", "srd", "ssp", "stn", "svc", "syp", "szl", "thb",
     "tjs", "tmt", "tnd", "top", "try", "ttd", "twd", "tzs", "uah", "ugx", "usd", "uyu", "uzs",
     "ved", "ves", "vnd", "vuv", "wst", "xaf", "xcd", "xcg", "xof", "xpf", "yer", "zar", "zmw",
     "zwg"}
);
static_assert(std::is_sorted(kCodes.begin(), kCodes.end()));

}  // namespace

std::optional<Currency> Currency::parse(std::string_view text) {
    if (!is_currency_code(text)) return std::nullopt;
    std::array<char, 3> code{};
    std::transform(text.begin(), text.end(), code.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    });
    const std::string_view lower{code.data(), code.size()};
    if (!std::binary_search(kCodes.begin(), kCodes.end(), lower)) return std::nullopt;
    return Currency{code};
}

std::string Currency::upper() const {
    return upper_case(lower());
}

int Currency::exponent() const {
    return iso_exponent(lower());
}

}  // namespace postern::payments
