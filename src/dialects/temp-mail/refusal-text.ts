import { type TempMailError, type TempMailRefusal, withDetail } from '../../core/temp-mail-refusal.ts';
import type { DialectRequest } from '../dialect.ts';

type Language = 'en' | 'zh';

/** The text of a refusal in the language of the request. */
export function refusalText({ refusal, detail, message }: TempMailError, request: DialectRequest): string {
  return languageOf(request) === 'zh' ? withDetail(CHINESE[refusal], detail) : message;
}

/** The prefix of an error on the paths that create addresses. */
export function creationFailed(request: DialectRequest): string {
  return languageOf(request) === 'zh' ? '创建邮箱地址失败: ' : 'Failed to create address: ';
}

function languageOf({ headers }: DialectRequest): Language {
  return headers['x-lang'] === 'zh' ? 'zh' : 'en';
}

const CHINESE: Readonly<Record<TempMailRefusal, string>> = {
  'site-password': '你已启用私有站点密码,请提供密码',
  'admin-password': '您需要提供管理员密码才能访问此页面',
  credential: '无效的邮箱地址凭据',
  // The original has these texts only in English.
  token: 'invalid JWT token',
  'not-found': 'Not Found',
  input: '输入无效',
  'missing-field': '缺少必填字段',
  'creation-disabled': '新建邮箱地址已禁用, 请联系管理员',
  address: '无效的邮箱地址',
  'address-exists': '邮箱地址已存在',
  'address-not-found': '邮箱地址不存在',
  'no-address': '邮箱地址不存在',
  'name-too-short': '名称太短',
  'name-too-long': '名称太长',
  domain: '无效的域名',
  'login-disabled': '密码登录已禁用',
  'login-fields': '邮箱和密码不能为空',
  login: '无效的邮箱或密码',
  recipient: '收件人地址无效',
  subject: '主题不能为空',
  content: '内容不能为空',
  'already-requested': '已经申请过了',
  limit: '无效的 limit 参数',
  offset: '无效的 offset 参数',
  'balance-id': '无效的 address_id',
  'no-secret': 'JWT_SECRET 未设置, 请联系管理员',
  'no-balance': '余额不足',
  blocked: '地址已被屏蔽',
  'quota-day': '服务器今日发信次数已达上限',
  'quota-month': '服务器本月发信次数已达上限',
  'no-provider': '请先为此域名启用 resend、smtp 或 SEND_MAIL',
  rejected: '',
};
