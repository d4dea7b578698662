#pragma once

#include "core/time.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <tuple>
#include <utility>
#include <vector>

namespace postern::scenario {

// What will happen, in order of true time: the time that passed since the world began, which no
// clock of the world can show. At the same instant, first planned is first done.
class Agenda {
 public:
    using Deed = std::function<void()>;

    Microseconds now() const { return now_; }
    void after(Microseconds delay, Deed deed) { at(now_ + delay, std::move(deed)); }
    void at(Microseconds when, Deed deed) {
        entries_.push_back({std::max(when, now_), planned_++, std::move(deed)});
        std::push_heap(entries_.begin(), entries_.end(), later);
    }
    void run_until(Microseconds end) {
        while (!entries_.empty() && entries_.front().at <= end) {
            std::pop_heap(entries_.begin(), entries_.end(), later);
            Entry entry = std::move(entries_.back());
            entries_.pop_back();
            now_ = entry.at;
            entry.deed();
        }
        now_ = end;
    }

 private:
    struct Entry {
        Microseconds at;
        std::uint64_t order = 0;
        Deed deed;
    };
    static bool later(const Entry& a, const Entry& b) {
        return std::tie(a.at, a.order) > std::tie(b.at, b.order);
    }

    Microseconds now_{0};
    std::uint64_t planned_ = 0;
    std::vector<Entry> entries_;
};

}  // namespace postern::scenario
