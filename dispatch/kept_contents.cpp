#include "dispatch/kept_contents.hpp"

#include <chrono>
#include <utility>

namespace postern::dispatch {
namespace {

constexpr std::size_t kContentOverheadBytes = 256;
// A lane that is granted is granted within that; another node's never comes.
constexpr std::chrono::seconds kKeptFor{2};

}  // namespace

std::size_t bytes_of(const EventContent& content) {
    return kContentOverheadBytes + content.object.size() + content.type.size()
           + content.gateway.size() + content.gateway_event_id.size()
           + content.gateway_event_type.size() + content.trace_id.size();
}

void KeptContents::keep(DeliveryId delivery, ContentPointer content, TimePoint now) {
    if (content == nullptr) return;
    const std::size_t bytes = bytes_of(*content);
    if (!contents_.try_emplace(delivery.value, std::move(content)).second) return;
    bytes_ += bytes;
    order_.push_back({delivery, now});
    while (bytes_ > bytes_max_) forget_oldest();
}

KeptContents::ContentPointer KeptContents::take(DeliveryId delivery) {
    const auto found = contents_.find(delivery.value);
    if (found == contents_.end()) return nullptr;
    ContentPointer content = std::move(found->second);
    contents_.erase(found);
    bytes_ -= bytes_of(*content);
    return content;
}

void KeptContents::forget_old(TimePoint now) {
    while (!order_.empty() && order_.front().kept_at + kKeptFor < now) forget_oldest();
}

void KeptContents::forget_oldest() {
    const DeliveryId oldest = order_.front().delivery;
    order_.pop_front();
    take(oldest);
}

}  // namespace postern::dispatch
