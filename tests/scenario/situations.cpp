#include "tests/scenario/situations.hpp"

namespace postern::scenario {
namespace {

constexpr std::array<std::string_view, kSituationCount> kNames = {
    "delivered at once",
    "delivered after failures",
    "breaker opened",
    "breaker probed",
    "endpoint failing notice",
    "endpoint recovered notice",
    "disabled as hopeless",
    "disabled as gone",
    "disabled on request",
    "message aborted",
    "schedule exhausted",
    "grown too old",
    "retry after honoured",
    "reply lost",
    "redirect refused",
    "held for order",
    "successor promoted",
    "set aside",
    "superseded",
    "skipped unsubscribed",
    "skipped event gone",
    "recorded for disabled",
    "disabled in flight",
    "deleted in flight",
    "edited in flight",
    "retried by hand",
    "retried in flight",
    "canceled by hand",
    "canceled in flight",
    "stale record",
    "stale load",
    "load failed",
    "record failed",
    "ingest failed",
    "crash in flight",
    "crash between send and record",
    "sent again after crash",
    "stopped in flight",
    "spilled and reloaded",
    "rate limited",
    "endpoint cap reached",
    "origin cap reached",
    "clock set forward",
    "clock set back",
    "due far ahead sent",
    "recovered after death",
};

}  // namespace

std::string_view to_text(Situation situation) {
    return kNames[static_cast<std::size_t>(situation)];
}

void Situations::add(const Situations& other) {
    for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
}

std::vector<Situation> Situations::never_seen() const {
    std::vector<Situation> missing;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
        if (counts_[i] == 0) missing.push_back(static_cast<Situation>(i));
    }
    return missing;
}

}  // namespace postern::scenario
