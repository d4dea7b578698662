#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <utility>

namespace postern::storage {

// How many connections one process may have at a time. Whoever has one holds a place for it, and
// what is counted is given back with the connection, also when it never came to be one.
class ConnectionPlaces {
 public:
    explicit ConnectionPlaces(std::size_t most) : count_{std::make_shared<Count>(most)} {}

    class Place;
    std::optional<Place> take() const;

 private:
    struct Count {
        explicit Count(std::size_t free_at_first) : free{free_at_first} {}
        std::atomic<std::size_t> free;
    };
    std::shared_ptr<Count> count_;
};

class ConnectionPlaces::Place {
 public:
    explicit Place(std::shared_ptr<Count> count) : count_{std::move(count)} {}
    Place(Place&&) noexcept = default;
    Place& operator=(Place&&) = delete;
    ~Place() {
        if (count_) count_->free.fetch_add(1);
    }

 private:
    std::shared_ptr<Count> count_;
};

inline std::optional<ConnectionPlaces::Place> ConnectionPlaces::take() const {
    std::size_t free = count_->free.load();
    while (free > 0) {
        if (count_->free.compare_exchange_weak(free, free - 1)) return Place{count_};
    }
    return std::nullopt;
}

}  // namespace postern::storage
