//! The logs of conversations, and how far their members got.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{
    CancellationReason, Put, ReturnConsumedCapacity, ReturnValuesOnConditionCheckFailure,
    TransactWriteItem,
};
use switchboard::Unavailable;
use switchboard::log::{LogEntry, Member, NEWEST, Sides, Tail};
use switchboard::ports::store::{Appended, Log, Marked, Progress};
use switchboard::protocol::action::{Marks, Span};
use switchboard::protocol::{ConversationId, DeviceId, Role, Seq, TimestampMs, UserId};

use super::transport::Request as _;
use super::{DynamoStore, Read, condition_failed, failed, read, read_all, sk_of};
use crate::aws::item::{
    Item, conversation_from, entry_from, entry_item, key, member_from, number, pushed_value, text,
};

/// The conversation, its two members and the newest entries.
const TAIL_ITEMS: usize = 3 + NEWEST;

#[async_trait::async_trait]
impl Log for DynamoStore {
    async fn tail(&self, conversation: &ConversationId) -> Result<Option<Tail>, Unavailable> {
        self.end_of_log(conversation, Read::Consistent).await
    }

    async fn glance(&self, conversation: &ConversationId) -> Result<Option<Tail>, Unavailable> {
        self.end_of_log(conversation, Read::Eventual).await
    }

    async fn member(
        &self,
        conversation: &ConversationId,
        user: &UserId,
    ) -> Result<Option<Member>, Unavailable> {
        const DOING: &str = "read a member";
        let (pk, sk) = (key::conversation(conversation), key::member(user));
        let item = self.chat_item(DOING, pk, sk, Read::Consistent).await?;
        item.map(|item| read(DOING, &item, member_from)).transpose()
    }

    async fn entries(
        &self,
        conversation: &ConversationId,
        span: Span,
        limit: usize,
    ) -> Result<Vec<LogEntry>, Unavailable> {
        const DOING: &str = "read a log";
        let (low, high) = match span {
            Span::After(seq) => (seq.saturating_add(1), key::SEQ_MAX),
            Span::Before(seq) => (1, seq.saturating_sub(1).min(key::SEQ_MAX)),
        };
        if low > high {
            return Ok(Vec::new());
        }
        let query = self
            .query(key::conversation(conversation))
            .key_condition_expression("pk = :pk AND sk BETWEEN :low AND :high")
            .expression_attribute_values(":low", text(key::entry(low)))
            .expression_attribute_values(":high", text(key::entry(high)))
            .scan_index_forward(matches!(span, Span::After(_)))
            .consistent_read(true);
        let mut entries: Vec<LogEntry> = Vec::new();
        let mut start: Option<Item> = None;
        // DynamoDB ends a page at 1 MiB, whatever the limit.
        while entries.len() < limit {
            let left = i32::try_from(limit - entries.len()).unwrap_or(i32::MAX);
            let page = query.clone().limit(left).set_exclusive_start_key(start);
            let output = page
                .over(&*self.transport)
                .await
                .map_err(|error| failed(DOING, error))?;
            entries.extend(read_all(DOING, output.items(), entry_from)?);
            start = output.last_evaluated_key;
            if start.is_none() {
                break;
            }
        }
        if matches!(span, Span::Before(_)) {
            entries.reverse();
        }
        Ok(entries)
    }

    async fn entry(
        &self,
        conversation: &ConversationId,
        seq: Seq,
    ) -> Result<Option<LogEntry>, Unavailable> {
        const DOING: &str = "read an entry";
        if seq > key::SEQ_MAX {
            return Ok(None);
        }
        let (pk, sk) = (key::conversation(conversation), key::entry(seq));
        let item = self.chat_item(DOING, pk, sk, Read::Consistent).await?;
        item.map(|item| read(DOING, &item, entry_from)).transpose()
    }

    async fn append(&self, entry: &LogEntry) -> Result<Appended, Unavailable> {
        const DOING: &str = "append an entry";
        let put = self.client.put_item().table_name(&self.tables.chat);
        let result = put
            .set_item(Some(entry_item(entry)))
            .condition_expression("attribute_not_exists(pk)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .over(&*self.transport)
            .await;
        let Err(error) = result else {
            return Ok(Appended::Stored);
        };
        // The place is being written by a transaction: an edit of the other member's.
        if let Some(PutItemError::TransactionConflictException(_)) = error.as_service_error() {
            return Ok(Appended::Stale);
        }
        let winner = match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(failed)) => failed.item(),
            Some(_) | None => None,
        };
        let Some(winner) = winner else {
            return Err(failed(DOING, error));
        };
        Ok(Appended::Taken(Box::new(read(DOING, winner, entry_from)?)))
    }

    async fn append_rewriting(
        &self,
        entry: &LogEntry,
        before: &LogEntry,
        after: &LogEntry,
    ) -> Result<Appended, Unavailable> {
        const DOING: &str = "append an entry and rewrite another";
        let malformed = |error| Unavailable::new(DOING, error);
        let append = Put::builder()
            .table_name(&self.tables.chat)
            .set_item(Some(entry_item(entry)))
            .condition_expression("attribute_not_exists(pk)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()
            .map_err(malformed)?;
        let rewrite = Put::builder()
            .table_name(&self.tables.chat)
            .set_item(Some(entry_item(after)))
            .condition_expression("body = :before")
            .expression_attribute_values(":before", text(before.body.to_json()))
            .build()
            .map_err(malformed)?;
        let result = self
            .client
            .transact_write_items()
            .transact_items(TransactWriteItem::builder().put(append).build())
            .transact_items(TransactWriteItem::builder().put(rewrite).build())
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .over(&*self.transport)
            .await;
        let Err(error) = result else {
            return Ok(Appended::Stored);
        };
        let Some(TransactWriteItemsError::TransactionCanceledException(canceled)) =
            error.as_service_error()
        else {
            return Err(failed(DOING, error));
        };
        // The place first: if an earlier attempt of this very send has it, the rewriting was done with it.
        if let Some(winner) = canceled.cancellation_reasons().first().and_then(winner_of) {
            return Ok(Appended::Taken(Box::new(read(DOING, winner, entry_from)?)));
        }
        if canceled.cancellation_reasons().iter().any(is_contention) {
            return Ok(Appended::Stale);
        }
        Err(failed(DOING, error))
    }

    async fn mark(
        &self,
        conversation: &ConversationId,
        user: &UserId,
        from: Marks,
        to: &Progress,
    ) -> Result<Marked, Unavailable> {
        const DOING: &str = "move a member's marks";
        let set =
            "SET recv = :recv, #read = :read, others_written = :written, deletions = :deletions";
        let result = self
            .update_member(conversation, user, set)
            .condition_expression("recv = :from_recv AND #read = :from_read")
            .expression_attribute_names("#read", "read")
            .expression_attribute_values(":from_recv", number(from.recv))
            .expression_attribute_values(":from_read", number(from.read))
            .expression_attribute_values(":recv", number(to.marks.recv))
            .expression_attribute_values(":read", number(to.marks.read))
            .expression_attribute_values(":written", number(to.others_written))
            .expression_attribute_values(":deletions", number(to.deletions))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .over(&*self.transport)
            .await;
        let Err(error) = result else {
            return Ok(Marked::Done);
        };
        let moved = match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(failed)) => failed.item(),
            Some(_) | None => None,
        };
        let Some(moved) = moved else {
            return Err(failed(DOING, error));
        };
        Ok(Marked::Moved(Box::new(read(DOING, moved, member_from)?)))
    }

    async fn note_pushed(
        &self,
        conversation: &ConversationId,
        user: &UserId,
        from: &BTreeMap<DeviceId, Seq>,
        to: &BTreeMap<DeviceId, Seq>,
    ) -> Result<(), Unavailable> {
        if from == to {
            return Ok(());
        }
        let update = self.update_member(conversation, user, "SET pushed = :to");
        let update = if from.is_empty() {
            update.condition_expression("attribute_exists(pk) AND attribute_not_exists(pushed)")
        } else {
            update
                .condition_expression("pushed = :from")
                .expression_attribute_values(":from", pushed_value(from))
        };
        match update
            .expression_attribute_values(":to", pushed_value(to))
            .over(&*self.transport)
            .await
        {
            Ok(_) => Ok(()),
            Err(error) if condition_failed(&error) => Ok(()),
            Err(error) => Err(failed("note a push", error)),
        }
    }

    async fn mute(
        &self,
        conversation: &ConversationId,
        user: &UserId,
        until: TimestampMs,
    ) -> Result<bool, Unavailable> {
        let result = self
            .update_member(conversation, user, "SET muted_until = :until")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":until", number(until))
            .over(&*self.transport)
            .await;
        match result {
            Ok(_) => Ok(true),
            Err(error) if condition_failed(&error) => Ok(false),
            Err(error) => Err(failed("mute a conversation", error)),
        }
    }
}

impl DynamoStore {
    async fn end_of_log(
        &self,
        conversation: &ConversationId,
        read_as: Read,
    ) -> Result<Option<Tail>, Unavailable> {
        const DOING: &str = "read the end of a log";
        let output = self
            .query(key::conversation(conversation))
            .key_condition_expression("pk = :pk")
            .scan_index_forward(false)
            .limit(i32::try_from(TAIL_ITEMS).unwrap_or(i32::MAX))
            .consistent_read(read_as == Read::Consistent)
            .over(&*self.transport)
            .await
            .map_err(|error| failed(DOING, error))?;
        let items = output.items();
        let Some(meta) = items.iter().find(|item| sk_of(item) == key::META) else {
            return Ok(None);
        };
        let conversation = read(DOING, meta, conversation_from)?;
        let member = |role: Role| -> Result<Member, Unavailable> {
            let sk = key::member(conversation.user(role));
            let item = items.iter().find(|item| sk_of(item) == sk);
            item.map_or_else(
                || Ok(Member::default()),
                |item| read(DOING, item, member_from),
            )
        };
        let members = Sides {
            customer: member(Role::Customer)?,
            provider: member(Role::Provider)?,
        };
        let entries = items
            .iter()
            .filter(|item| sk_of(item).starts_with(key::ENTRY));
        let newest = entries
            .map(|item| read(DOING, item, entry_from))
            .collect::<Result<_, _>>()?;
        Ok(Some(Tail {
            conversation,
            members,
            newest,
        }))
    }

    pub(super) fn update_member(
        &self,
        conversation: &ConversationId,
        user: &UserId,
        set: &str,
    ) -> UpdateItemFluentBuilder {
        let update = self.client.update_item().table_name(&self.tables.chat);
        update
            .key("pk", text(key::conversation(conversation)))
            .key("sk", text(key::member(user)))
            .update_expression(set)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
    }
}

/// The item that stood in the way of a transaction's put.
pub(super) fn winner_of(reason: &CancellationReason) -> Option<&Item> {
    reason
        .item()
        .filter(|_| reason.code() == Some("ConditionalCheckFailed"))
}

/// Whether a transaction lost against another write, by its condition or by meeting it.
pub(super) fn is_contention(reason: &CancellationReason) -> bool {
    matches!(
        reason.code(),
        Some("ConditionalCheckFailed" | "TransactionConflict")
    )
}
