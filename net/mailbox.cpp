#include "net/mailbox.hpp"

#include <boost/asio/post.hpp>

namespace postern::net {

void Mailbox::drop(Letter& letter) {
    bool ring = false;
    {
        const std::lock_guard lock{mutex_};
        ring = waiting_.empty();
        waiting_.push_back(&letter);
    }
    if (ring) asio::post(context_, [this] { deliver(); });
}

void Mailbox::deliver() {
    {
        const std::lock_guard lock{mutex_};
        std::swap(waiting_, delivering_);
    }
    for (Letter* letter : delivering_) letter->delivered();
    delivering_.clear();
}

}  // namespace postern::net
