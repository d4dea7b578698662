#pragma once

#include "net/resolver.hpp"

#include <chrono>
#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

namespace postern::net {

// Answers by name, each for its own time, the oldest making room for new ones. Time is passed in.
class ResolverCache {
 public:
    using TimePoint = std::chrono::steady_clock::time_point;
    struct Answer {
        Resolved resolved;
        TimePoint expires_at;
    };

    explicit ResolverCache(std::size_t entries_max) : entries_max_{entries_max} {}

    const Resolved* find(std::string_view name, TimePoint now);
    void keep(const std::string& name, Answer answer);
    std::size_t size() const { return by_age_.size(); }

 private:
    struct Entry {
        std::string name;
        Answer answer;
    };
    using Entries = std::list<Entry>;
    void forget(Entries::iterator entry);

    std::size_t entries_max_;
    Entries by_age_;
    std::unordered_map<std::string_view, Entries::iterator> by_name_;  // views into by_age_
};

}  // namespace postern::net
