#include "payments/service/news_door.hpp"

namespace postern::payments {

Result<EventId, storage::StoreError>
NewsDoor::announce(storage::Transaction& transaction, const Announcement& announcement) {
    const bool is_told = announcement.type == type_ && !kept_back_ && !told_by_;
    if (is_told && refund_ == Refund::known) {
        kept_back_ = announcement;
        return EventId{};  // the webhook's event has a number of its own
    }
    if (announcement.type == EventType::refund_created) refund_ = Refund::begins;
    auto id = door_.announce(transaction, announcement);
    if (id && is_told) told_by_ = *id;
    return id;
}

}  // namespace postern::payments
