#include "redis/resp.hpp"

#include "core/assert.hpp"

#include <hiredis/read.h>

#include <new>
#include <utility>

namespace postern::redis {

struct ReplyReader::Impl {
    explicit Impl(Bounds bounds_to_keep);

    redisReplyObjectFunctions functions{};
    std::unique_ptr<redisReader, void (*)(redisReader*)> reader{nullptr, redisReaderFree};
    Bounds bounds;
    std::size_t bytes_of_answer = 0;
    std::size_t items_of_answer = 0;
};

namespace {

Reply::Kind kind_of(int type) {
    switch (type) {
        case REDIS_REPLY_STRING:
        case REDIS_REPLY_STATUS: return Reply::Kind::text;
        case REDIS_REPLY_ARRAY: return Reply::Kind::array;
        case REDIS_REPLY_INTEGER: return Reply::Kind::integer;
        case REDIS_REPLY_ERROR: return Reply::Kind::error;
        default: return Reply::Kind::nil;
    }
}

// The next object of an answer, where hiredis says it belongs; null refuses the answer. The parent
// keeps its place while its items move: an item is complete before the next one is made.
Reply* place_for(const redisReadTask* task) noexcept {
    auto& items = *static_cast<std::size_t*>(task->privdata);
    if (items == 0) return nullptr;
    --items;
    try {
        Reply* made = nullptr;
        if (task->parent == nullptr) {
            made = new Reply;
        } else {
            made = &static_cast<Reply*>(task->parent->obj)->items.emplace_back();
        }
        made->kind = kind_of(task->type);
        return made;
    } catch (const std::bad_alloc&) {
        return nullptr;
    }
}

void* make_text(const redisReadTask* task, char* text, std::size_t length) noexcept {
    Reply* reply = place_for(task);
    if (reply == nullptr) return nullptr;
    try {
        reply->text.assign(text, length);
    } catch (const std::bad_alloc&) {
        if (task->parent == nullptr) delete reply;
        return nullptr;
    }
    return reply;
}

// Later versions of hiredis count with another type. Nothing is reserved for what is only promised.
template <class Count>
void* make_array(const redisReadTask* task, Count) noexcept {
    return place_for(task);
}

void* make_integer(const redisReadTask* task, long long value) noexcept {
    Reply* reply = place_for(task);
    if (reply != nullptr) reply->integer = value;
    return reply;
}

void* make_nil(const redisReadTask* task) noexcept {
    Reply* reply = place_for(task);
    // Its type is that of what is absent.
    if (reply != nullptr) reply->kind = Reply::Kind::nil;
    return reply;
}

void free_reply(void* reply) noexcept {
    delete static_cast<Reply*>(reply);
}

void append_length(std::string& out, std::size_t length) {
    out += std::to_string(length);
    out += "\r\n";
}

}  // namespace

ReplyReader::Impl::Impl(Bounds bounds_to_keep) : bounds{bounds_to_keep} {
    functions.createString = make_text;
    functions.createArray = make_array;
    functions.createInteger = make_integer;
    functions.createNil = make_nil;
    functions.freeObject = free_reply;
    reader.reset(redisReaderCreateWithFunctions(&functions));
    POSTERN_ASSERT(reader != nullptr);
    items_of_answer = bounds.items;
    reader->privdata = &items_of_answer;
}

ReplyReader::ReplyReader(Bounds bounds) : impl_{std::make_unique<Impl>(bounds)} {}

ReplyReader::~ReplyReader() = default;

void ReplyReader::feed(std::string_view bytes) {
    impl_->bytes_of_answer += bytes.size();
    redisReaderFeed(impl_->reader.get(), bytes.data(), bytes.size());  // remembers its failure
}

Result<std::optional<Reply>, Complaint> ReplyReader::next() {
    redisReader* reader = impl_->reader.get();
    void* made = nullptr;
    if (redisReaderGetReply(reader, &made) != REDIS_OK) {
        if (impl_->items_of_answer == 0) return Complaint{"an answer of too many items"};
        return Complaint{reader->errstr};
    }
    if (made == nullptr) {
        if (impl_->bytes_of_answer <= impl_->bounds.bytes) return std::optional<Reply>{};
        return Complaint{"an answer of too many bytes"};
    }
    const std::unique_ptr<Reply> owned{static_cast<Reply*>(made)};
    impl_->bytes_of_answer = reader->len - reader->pos;
    impl_->items_of_answer = impl_->bounds.items;
    return std::optional<Reply>{std::move(*owned)};
}

std::string encode(const std::vector<std::string>& command) {
    std::size_t size = 16;
    for (const std::string& word : command) size += word.size() + 16;
    std::string out;
    out.reserve(size);
    out += '*';
    append_length(out, command.size());
    for (const std::string& word : command) {
        out += '$';
        append_length(out, word.size());
        out += word;
        out += "\r\n";
    }
    return out;
}

}  // namespace postern::redis
