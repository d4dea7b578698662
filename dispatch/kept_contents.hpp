#pragma once

#include "core/ids.hpp"
#include "core/time.hpp"
#include "dispatch/event_body.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <unordered_map>

namespace postern::dispatch {

// So much of memory it counts as.
std::size_t bytes_of(const EventContent& content);

// Events of fresh deliveries whose lane is not ours yet, for a moment: when it becomes ours, they
// need not be read. The oldest give way, and nothing is lost with them.
class KeptContents {
 public:
    using ContentPointer = std::shared_ptr<const EventContent>;
    explicit KeptContents(std::size_t bytes_max) : bytes_max_{bytes_max} {}

    void keep(DeliveryId delivery, ContentPointer content, TimePoint now);
    // Null: it is not there.
    ContentPointer take(DeliveryId delivery);
    void forget_old(TimePoint now);
    std::size_t bytes() const { return bytes_; }

 private:
    void forget_oldest();

    std::size_t bytes_max_;
    std::size_t bytes_ = 0;
    std::unordered_map<std::int64_t, ContentPointer> contents_;
    struct Entry {
        DeliveryId delivery;
        TimePoint kept_at;
    };
    std::deque<Entry> order_;  // those that were taken stand here still
};

}  // namespace postern::dispatch
